package hivetest

// artifacts are Hive with what its metastore, its planner and Hadoop's local runner load
// of other libraries: about 200 MB, of which hive-exec and Hadoop are 180. With all that
// their poms name it would be twice as much.
var artifacts = []string{
	"org.apache.hive:hive-exec:4.1.0",
	"org.apache.hadoop:hadoop-client-api:3.4.1",
	"org.apache.hadoop:hadoop-client-runtime:3.4.1",
	"org.apache.hadoop:hadoop-client-minicluster:3.4.1", // a class of HDFS's server is loaded
	"org.apache.tez:tez-api:0.10.5",
	"org.antlr:antlr4-runtime:4.9.3",
	"org.codehaus.janino:janino:3.1.12",
	"org.codehaus.janino:commons-compiler:3.1.12",
	"org.xerial.snappy:snappy-java:1.1.10.8",

	// The metastore.
	"org.apache.derby:derby:10.14.2.0",
	"org.datanucleus:datanucleus-api-jdo:6.0.3",
	"org.datanucleus:datanucleus-core:6.0.10",
	"org.datanucleus:datanucleus-rdbms:6.0.10",
	"jakarta.transaction:jakarta.transaction-api:1.3.3",
	"com.github.ben-manes.caffeine:caffeine:2.8.4",
	"com.jayway.jsonpath:json-path:2.9.0",
	"org.reflections:reflections:0.10.2",
	"org.javassist:javassist:3.28.0-GA",
	"javax.servlet:javax.servlet-api:3.1.0",
	"org.eclipse.jetty:jetty-security:9.4.57.v20241219",
	"org.eclipse.jetty:jetty-server:9.4.57.v20241219",
	"org.eclipse.jetty:jetty-servlet:9.4.57.v20241219",
	"org.eclipse.jetty:jetty-util:9.4.57.v20241219",
	"org.apache.httpcomponents:httpclient:4.5.13",
	"org.apache.httpcomponents:httpcore:4.4.13",

	"commons-cli:commons-cli:1.2",
	"commons-codec:commons-codec:1.15",
	"commons-collections:commons-collections:3.2.2",
	"commons-io:commons-io:2.16.1",
	"commons-logging:commons-logging:1.1.1",
	"org.apache.commons:commons-collections4:4.1",
	"org.apache.commons:commons-compress:1.26.0",
	"org.apache.commons:commons-dbcp2:2.12.0",
	"org.apache.commons:commons-math3:3.6.1",
	"org.apache.commons:commons-pool2:2.12.0",
	"org.apache.commons:commons-text:1.10.0",

	"org.apache.logging.log4j:log4j-1.2-api:2.24.3",
	"org.apache.logging.log4j:log4j-api:2.24.3",
	"org.apache.logging.log4j:log4j-core:2.24.3",
	"org.apache.logging.log4j:log4j-slf4j-impl:2.24.3",
	"org.slf4j:slf4j-api:1.7.30",
}
