# Settings of the JVM that need a shell to work out; sourced by bin/cassandra and bin/nodetool.
# Plain options belong in jvm-server.options.

# Where system.log, debug.log and gc.log go.
if [ "x$CASSANDRA_LOG_DIR" = "x" ]; then
    CASSANDRA_LOG_DIR="$CASSANDRA_HOME/logs"
fi
mkdir -p "$CASSANDRA_LOG_DIR" 2>/dev/null || true

# The heap. Set it here or in the environment; otherwise it is worked out from the machine's memory:
# half of it up to 1 GB, or a quarter of it up to 8 GB, whichever is more.
# -Xms and -Xmx in jvm-server.options win over all of this.
#MAX_HEAP_SIZE="4G"
#HEAP_NEWSIZE="800M"

if [ "x$MAX_HEAP_SIZE" = "x" ]; then
    memory_in_mb=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo 2>/dev/null)
    memory_in_mb=${memory_in_mb:-2048}
    half_in_mb=$((memory_in_mb / 2))
    quarter_in_mb=$((memory_in_mb / 4))
    [ "$half_in_mb" -gt 1024 ] && half_in_mb=1024
    [ "$quarter_in_mb" -gt 8192 ] && quarter_in_mb=8192
    heap_in_mb=$half_in_mb
    [ "$quarter_in_mb" -gt "$heap_in_mb" ] && heap_in_mb=$quarter_in_mb
    MAX_HEAP_SIZE="${heap_in_mb}M"
fi
case "$JVM_OPTS" in
    *-Xmx*) ;;
    *) JVM_OPTS="$JVM_OPTS -Xms${MAX_HEAP_SIZE} -Xmx${MAX_HEAP_SIZE}" ;;
esac
case "$JVM_OPTS" in
    *-Xmn*) ;;
    *) [ "x$HEAP_NEWSIZE" = "x" ] || JVM_OPTS="$JVM_OPTS -Xmn${HEAP_NEWSIZE}" ;;
esac

# One line a collection, ten files of 10 MB; write your own -Xlog:gc in jvm-server.options to replace it.
case "$JVM_OPTS" in
    *-Xlog:gc*) ;;
    *) JVM_OPTS="$JVM_OPTS -Xlog:gc=info:file=${CASSANDRA_LOG_DIR}/gc.log:time,uptime,pid,level:filecount=10,filesize=10485760" ;;
esac

# glibc's default of eight arenas a core wastes memory on a process with this many threads.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-4}"

# Where a heap dump goes when memory runs out; the working directory unless set.
if [ "x$CASSANDRA_HEAPDUMP_DIR" != "x" ]; then
    JVM_OPTS="$JVM_OPTS -XX:HeapDumpPath=$CASSANDRA_HEAPDUMP_DIR/cassandra-$(date +%s)-pid$$.hprof"
fi

# JMX, the door that nodetool uses. With LOCAL_JMX=yes it listens on 127.0.0.1 only and asks for no password.
# Anything else opens it to the network and asks for one: fill in the files below first.
if [ "x$LOCAL_JMX" = "x" ]; then
    LOCAL_JMX=yes
fi

JMX_PORT="7199"

if [ "$LOCAL_JMX" = "yes" ]; then
    JVM_OPTS="$JVM_OPTS -Dcassandra.jmx.local.port=$JMX_PORT"
    JVM_OPTS="$JVM_OPTS -Dcom.sun.management.jmxremote.authenticate=false"
else
    JVM_OPTS="$JVM_OPTS -Dcassandra.jmx.remote.port=$JMX_PORT"
    JVM_OPTS="$JVM_OPTS -Dcom.sun.management.jmxremote.rmi.port=$JMX_PORT"
    JVM_OPTS="$JVM_OPTS -Dcom.sun.management.jmxremote.authenticate=true"
    JVM_OPTS="$JVM_OPTS -Dcom.sun.management.jmxremote.password.file=/etc/cassandra/jmxremote.password"
    #JVM_OPTS="$JVM_OPTS -Dcom.sun.management.jmxremote.access.file=/etc/cassandra/jmxremote.access"
    #JVM_OPTS="$JVM_OPTS -Dcom.sun.management.jmxremote.ssl=true"
    #JVM_OPTS="$JVM_OPTS -Djavax.net.ssl.keyStore=/path/to/keystore"
    #JVM_OPTS="$JVM_OPTS -Djavax.net.ssl.trustStore=/path/to/truststore"
fi

# The name that JMX hands to its clients, when the host's own name does not resolve for them.
#JVM_OPTS="$JVM_OPTS -Djava.rmi.server.hostname=<public name>"

# Last, so that what a service file or an operator adds wins.
JVM_OPTS="$JVM_OPTS $JVM_EXTRA_OPTS"
