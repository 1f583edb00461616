package kafka

// Topic says how a topic is created.
type Topic struct {
	Name        string
	Partitions  int               // 0: one
	Replication int               // 0: one
	Config      map[string]string // for instance message.timestamp.type
}

// Partition is the state of a partition as the cluster tells it.
type Partition struct {
	Leader int32   `json:"leader"` // -1: none
	ISR    []int32 `json:"isr"`
}

// Nodes returns the ids of the brokers that are registered and not fenced, in rising order.
func (j *Java) Nodes() ([]int32, error) {
	var ids []int32
	err := j.call(request{Op: "nodes"}, nil, &ids)
	return ids, err
}

// Create creates a topic and waits until its partitions have leaders that know it.
func (j *Java) Create(t Topic) error {
	return j.do(request{Op: "create", Topic: t.Name, Partitions: max(1, t.Partitions), Replication: max(1, t.Replication), Config: t.Config})
}

// Delete deletes a topic. Brokers may still be at it when Delete returns: until they are done the topic can't be created again.
func (j *Java) Delete(topic string) error { return j.do(request{Op: "delete", Topic: topic}) }

// Grow gives a topic more partitions, up to the number given, and waits as Create does.
func (j *Java) Grow(topic string, partitions int) error {
	return j.do(request{Op: "grow", Topic: topic, Partitions: partitions})
}

// Describe returns the partitions of a topic.
func (j *Java) Describe(topic string) ([]Partition, error) {
	var partitions []Partition
	err := j.call(request{Op: "describe", Topic: topic}, nil, &partitions)
	return partitions, err
}

// Controller returns the id of the node that is the active controller.
func (j *Java) Controller() (int32, error) {
	var id int32
	err := j.call(request{Op: "controller"}, nil, &id)
	return id, err
}

// Elect makes the preferred replica of each partition its leader, where it may lead, and returns how many leaders changed.
func (j *Java) Elect(topic string) (int, error) {
	var elected int
	err := j.call(request{Op: "elect", Topic: topic}, nil, &elected)
	return elected, err
}

// Reassign gives each partition the replicas named for it, the preferred one first. It returns when the controller has taken
// note; brokers may still copy.
func (j *Java) Reassign(topic string, replicas [][]int32) error {
	return j.do(request{Op: "reassign", Topic: topic, Replicas: replicas})
}
