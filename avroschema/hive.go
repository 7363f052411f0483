package avroschema

// defaultPartitions are the partition columns that a table has unless it says otherwise.
var defaultPartitions = []string{"dt", "hour"}
