# cassandra-env.sh of a test, shaped like the real one

calculate_heap_sizes()
{
    half_in_mb=512
    MAX_HEAP_SIZE="${half_in_mb}M"
    HEAP_NEWSIZE="100M"
}

if [ "x$CASSANDRA_LOG_DIR" = "x" ] ; then
    CASSANDRA_LOG_DIR="$CASSANDRA_HOME/logs"
fi

#MAX_HEAP_SIZE="4G"
#HEAP_NEWSIZE="800M"

if [ "x$MAX_HEAP_SIZE" = "x" ]; then
    calculate_heap_sizes
fi
JVM_OPTS="$JVM_OPTS -Xms${MAX_HEAP_SIZE}"
JVM_OPTS="$JVM_OPTS -Xmx${MAX_HEAP_SIZE}"

# Specifies the default port over which Cassandra will be available for
# JMX connections.	(größe)
JMX_PORT="7199"
JVM_OPTS="$JVM_OPTS -Dcassandra.jmx.local.port=$JMX_PORT"
#JVM_OPTS="$JVM_OPTS -Djavax.net.ssl.keyStorePassword=<keystore-password>"

JVM_OPTS="$JVM_OPTS $JVM_EXTRA_OPTS"
