package kafkatest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/ltsvpipe/ltsvpipe/internal/realtest"
)

// A node is one broker's process and its folder.
type node struct {
	jars, dir            string
	id, port, controller int
	cmd                  *exec.Cmd
	ended                chan struct{} // closed when cmd has
	log                  bytes.Buffer  // of cmd, to be read when it has ended

	// What a node has that others have not: listeners and their protocols, lines of the
	// configuration, and arguments of format.
	listeners, protocols, more string
	formatted                  []string
}

func (n *node) addr() string { return fmt.Sprintf("127.0.0.1:%d", n.port) }

// java returns a command that runs a class of Kafka's.
func (n *node) java(flags []string, class string, args ...string) *exec.Cmd {
	args = append(append(flags, "-cp", filepath.Join(n.jars, "*"), class), args...)
	cmd := exec.Command("java", args...)
	realtest.DieWithParent(cmd)
	return cmd
}

// format writes the node's configuration and prepares its folder. Voters are
// named in the configuration, also if there is one only: so all nodes are
// formatted alike and none has to be the first.
func (n *node) format(cluster string, all []*node) error {
	var voters []string
	for _, v := range all {
		voters = append(voters, fmt.Sprintf("%d@127.0.0.1:%d", v.id, v.controller))
	}
	replicas := len(all)
	inSync := min(replicas, 2)
	config := fmt.Sprintf(`process.roles=broker,controller
node.id=%d
listeners=PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d%[8]s
advertised.listeners=PLAINTEXT://127.0.0.1:%[2]d%[8]s
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT%[9]s
controller.quorum.voters=%[4]s
log.dirs=%[5]s
default.replication.factor=%[6]d
min.insync.replicas=%[7]d
offsets.topic.replication.factor=%[6]d
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=%[6]d
transaction.state.log.min.isr=%[7]d
transaction.state.log.num.partitions=4
transaction.abort.timed.out.transaction.cleanup.interval.ms=200
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
group.consumer.min.session.timeout.ms=500
group.consumer.session.timeout.ms=4000
group.consumer.min.heartbeat.interval.ms=50
group.consumer.heartbeat.interval.ms=100
auto.create.topics.enable=false
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.enable=false
log.retention.ms=-1
num.network.threads=2
num.io.threads=4
%[10]s`, n.id, n.port, n.controller, strings.Join(voters, ","), filepath.Join(n.dir, "data"), replicas, inSync, n.listeners, n.protocols, n.more)
	if err := os.MkdirAll(n.dir, 0o755); err != nil {
		return fmt.Errorf("no real Kafka: %w", err)
	}
	if err := os.WriteFile(n.config(), []byte(config), 0o644); err != nil {
		return fmt.Errorf("no real Kafka: %w", err)
	}
	args := append([]string{"format", "-t", cluster, "-c", n.config()}, n.formatted...)
	out, err := n.java([]string{"-XX:TieredStopAtLevel=1"}, "kafka.tools.StorageTool", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("no real Kafka: its storage cannot be formatted: %w\n%s", err, realtest.Tail(out))
	}
	return nil
}

func (n *node) config() string { return filepath.Join(n.dir, "server.properties") }

// start starts the broker unless it runs.
func (n *node) start() error {
	if n.cmd != nil {
		return nil
	}
	n.log.Reset()
	cmd := n.java([]string{"-Xmx512m", "-XX:+UseSerialGC"}, "kafka.Kafka", n.config())
	cmd.Stdout, cmd.Stderr = &n.log, &n.log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("no real Kafka: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	n.cmd, n.ended = cmd, ended
	return nil
}

// died returns an error if the broker has ended by itself.
func (n *node) died() error {
	select {
	case <-n.ended:
		return fmt.Errorf("no real Kafka: broker %d ended (%v):\n%s", n.id, n.cmd.ProcessState, realtest.Tail(n.log.Bytes()))
	default:
		return nil
	}
}

// kill is kill -9. It returns when the process is gone.
func (n *node) kill() error {
	if n.cmd == nil {
		return nil
	}
	err := n.cmd.Process.Kill()
	<-n.ended
	n.cmd = nil
	return err
}
