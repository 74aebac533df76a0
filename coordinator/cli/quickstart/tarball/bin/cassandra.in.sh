# Finds the home, the configuration, the class path, Java and its options; sourced by bin/cassandra and bin/nodetool.
# From outside: CASSANDRA_HOME, CASSANDRA_CONF, cassandra_storagedir, EXTRA_CLASSPATH, JAVA_HOME, JVM_OPTS.
# Set by the caller: jvmoptions_variant, "-server" or "-clients": which of the option files to read.

: "${CASSANDRA_HOME:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${CASSANDRA_CONF:=$CASSANDRA_HOME/conf}"
: "${cassandra_storagedir:=$CASSANDRA_HOME/data}"

# The configuration comes first: cassandra.yaml, logback.xml and the rackdc file are looked up on the class path.
CLASSPATH="$CASSANDRA_CONF:$CASSANDRA_HOME/lib/*${EXTRA_CLASSPATH:+:$EXTRA_CLASSPATH}"

JAMM=
for jar in "$CASSANDRA_HOME"/lib/jamm-*.jar; do
    [ -f "$jar" ] && JAMM=$jar
done

if [ -n "$JAVA_HOME" ]; then
    JAVA=$JAVA_HOME/bin/java
else
    JAVA=$(command -v java)
fi
if [ ! -x "$JAVA" ]; then
    echo "No Java found: set JAVA_HOME, or put java on the PATH." >&2
    exit 1
fi

# The JDK's own release file is asked first, since starting a JVM for its version costs more than reading a line.
release=$(dirname "$(dirname "$(readlink -f "$JAVA")")")/release
if [ -r "$release" ]; then
    JAVA_VERSION=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$release")
else
    JAVA_VERSION=$("$JAVA" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
fi
case "$JAVA_VERSION" in
    11 | 17) ;;
    *)
        if [ -z "$CASSANDRA_USE_ALL_JDK" ]; then
            echo "Cassandra 5.0 runs on Java 11 or 17, and $JAVA is ${JAVA_VERSION:-of unknown version}." >&2
            exit 1
        fi
        ;;
esac

# An option is a line that begins with a dash; everything else in these files is comment.
for options in "$CASSANDRA_CONF/jvm$jvmoptions_variant.options" \
    "$CASSANDRA_CONF/jvm$JAVA_VERSION$jvmoptions_variant.options"; do
    [ -r "$options" ] && JVM_OPTS="$JVM_OPTS $(grep '^-' "$options" | tr '\n' ' ')"
done
