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
// archive's own; its name hides it from readers of tables. One root may have
// many topics, but of one topic one group should land in it.
//
// # Tables
//
// The root is the location of a table of Hive's, or of what reads its tables,
// partitioned by the names in the folders. A folder is seen once somebody says
// that it is there: OnFolder for each as it comes, or MSCK REPAIR TABLE for all
// that are not known yet. For Avro, package avroschema has the Format's
// FileWriter and writes these statements. For NDJSON a table is declared as
//
//	CREATE EXTERNAL TABLE access (status INT, path STRING) PARTITIONED BY (dt STRING, `hour` STRING)
//	ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.JsonSerDe' STORED AS TEXTFILE LOCATION '…'
//
// # How it is exactly once
//
// A partition's files of several hours are open at once, so names alone cannot
// tell what has landed: hour 11 could be there up to offset 200 and hour 10
// not. One roll therefore closes all open files of a partition, and what has
// landed is written down, in entries: an entry has the offset to read next and
// the files that are to get their final names. That offset is the truth. The
// group's commits, which follow it, are for those who look at lag, and decide
// only where a partition begins of which nothing has landed. The steps of a
// roll are
//
//  1. close and sync the files, and sync the names they have, in
//     _archive/topic+partition;
//  2. write the entry under another name, sync it, rename it, and sync the
//     folder: this is the moment in which the roll counts;
//  3. look whether somebody else has claimed the partition (see below);
//  4. rename the files, and sync their folders;
//  5. tell OnFolder; remove the entry before, and commit to the group.
//
// Who finds an entry, after a crash, does the renames that are not done: a
// file that is not there any more under its first name has its final one.
//
// # Two owners
//
// A group gives a partition to one member, but a member that stood still for a
// while (a virtual machine that moved, a store that did not answer) may not
// know that it is another's. It may wake between any two steps above, and no
// clock or lock would stop it there. The store alone can, and all that is asked
// of it is that creation is exclusive, renames happen in one step, and lists
// have what was there before.
//
// Each owner has an epoch, higher than any before: it creates the file
// claim-EPOCH, exclusively, so that no two have the same. Entries are named for
// the epoch of their writer and counted within it, and the highest is the head.
// A new owner
//
//  1. creates its claim,
//  2. then lists the entries, takes the highest,
//  3. and writes it again as the first of its own epoch, by the steps 2 and 3
//     of a roll: from here on entries of the old owner that it did not see do
//     not count, since the head is higher;
//  4. does the renames that are not done, and removes whatever else is left of
//     epochs before its own.
//
// An owner that finds a higher epoch after it wrote an entry does nothing more:
// no rename, no removal. Then either the old owner does not see the new claim
// after it has written its entry; so it wrote before the claim was there, and
// the new owner, who lists after that, sees the entry and carries it on. Or the
// old owner sees the claim and leaves everything as it is, and whether its
// entry counts is for the new owner alone to say, who does the renames if it
// does, and reads the records again if it does not. What a late owner may
// still do is to rename files of an entry that did count, which is what the
// new one does too.
//
// Claims are removed only when 32 newer ones are there, so that a late owner
// could miss them only if so many came while it listed the folder once. TestModel
// tries this, with owners who take turns, die, and whose machine crashes and
// forgets what was not synced.
//
// # Rebalances
//
// What is open of a partition that goes to another member is thrown away, not
// landed: the other begins at what has landed and need not wait, a slow store
// holds up no rebalance, and there are no small files for it. It costs reading
// again what was open. A partition that comes back to the same member, as all
// do under an eager balancer, goes on where it was.
package archive
