#!/bin/sh
# add any environment overrides you need here.
#DSE_HOME="/usr/share/dse"
export DSE_MODE="1"
