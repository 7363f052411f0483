// Package archive lands topics as files, each offset exactly once, whatever
// dies when: for Hive and its like, on a local disk, HDFS or any store that has
// what FS asks for.
//
//	a := &archive.Archive{
//		FS:     archive.Dir("/data/access"),
//		Format: archive.NDJSON{Compression: archive.Zstd},
//		Folder: archive.Hourly(eventTime),
//		OnFolder: func(ctx context.Context, folder string) error {
//			return addPartition(ctx, folder) // ALTER TABLE … ADD IF NOT EXISTS PARTITION
//		},
//	}
//	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("to-hive", "access"), seeds)...)
//	if err != nil {
//		return err
//	}
//	defer cl.CloseAllowingRebalance()
//	return a.Run(ctx, cl)
//
// # What lands
//
// A record lands in the folder that Archive.Folder says, by default that of its
// hour; one that comes late lands in its own hour all the same. Files are named
// topic+partition+first+last.ext, for the offsets of their first record and
// their last:
//
//	dt=2026-03-01/hour=10/access+0+0000000000000000+0000000000004999.ndjson.zst
//
// In a folder, a partition's files follow each other in the order of their
// names, and records in a file in the order of their offsets. A file that can
// be seen is whole and stays as it is. The root's folder _archive is the
// archive's own; its name hides it from readers of tables. Many topics may land
// under one root, but each topic by one group only.
//
// # Tables
//
// The root is the location of a table of Hive's, or of what reads its tables,
// partitioned by the names in the folders. A folder is seen once somebody says
// that it is there: OnFolder for each as it comes, or MSCK REPAIR TABLE for all
// that are not known yet. For NDJSON a table is declared as
//
//	CREATE EXTERNAL TABLE access (status INT, path STRING) PARTITIONED BY (dt STRING, `hour` STRING)
//	ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.JsonSerDe' STORED AS TEXTFILE LOCATION '…'
//
// There is no Format for Avro here: write one around avroschema.FileWriter, as
// examples/tohive/table.go and examples/accesslog/archive.go do. The statements for
// its table and partitions are made by package avroschema.
//
// # How it is exactly once
//
// A partition's files of several hours are open at once, so the names of files
// cannot tell what has landed. One roll therefore closes all open files of a
// partition under temporary names, writes an entry into _archive/topic+partition
// (the offset to read next, and the final names), and only then renames the
// files. The entry is the truth: after a crash its renames are done, and reading
// goes on at its offset. The group's commits follow it; they serve to show lag,
// and decide where a partition begins of which nothing has landed.
//
// A member that stood still for a while may not know that its partition is
// another's by now. So each owner claims the partition, by creating a file
// exclusively, before it reads what has landed, and looks for newer claims after
// each entry that it writes: if there is one, it is fenced ([ErrFenced]) and
// touches nothing more. No clock or lock is needed, only what [FS] asks of the
// store.
//
// # Rebalances
//
// When a partition goes to another member, its open files are thrown away, not
// landed: the other member begins at what has landed and reads the rest again.
// So a slow store holds up no rebalance, and rebalances make no small files. A
// partition that comes back to the same member, as all do under an eager
// balancer, goes on where it was.
//
// A member whose store hangs stays in the group as long as its client lives, and
// may keep its partitions: lag that grows while nothing rolls is the sign of it.
package archive
