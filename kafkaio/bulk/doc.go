// Package bulk lands topics of JSON records in Elasticsearch or OpenSearch, by
// their _bulk API.
//
//	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("to-elastic", "access.json"),
//		kgo.SeedBrokers("kafka-1:9092", "kafka-2:9092"))...)
//	if err != nil {
//		return err
//	}
//	defer cl.CloseAllowingRebalance()
//	ix := &bulk.Indexer{
//		Target:     bulk.Target{Nodes: []string{"https://es-1:9200", "https://es-2:9200"}, Auth: bulk.APIKey(key), Gzip: true},
//		Index:      bulk.ByTimestamp("access-", "@timestamp"), // access-2026.11.24
//		DeadLetter: "access-dead",
//	}
//	return ix.Run(ctx, cl)
//
// # What it promises
//
// Each record is one document whose id is topic+partition+offset, for instance
// access.json+3+1207, and offsets are committed only after every record before
// them is settled: in the index, a dead letter, or skipped. So nothing is lost,
// whoever dies when, and what is sent again, after a crash or an answer that
// never came, meets its own id: the document is there once.
//
// An id is unique in one index only. With ByTimestamp and ByKafkaTime a record
// has the same index whenever it is sent. An alias or a data stream that rolls
// over has not: what is sent again across the rollover is there twice. A topic
// that was deleted and made anew begins at offset 0 again, and its records meet
// the ids of the old ones: give them another index. Elasticsearch's failure store
// gives ids of its own: what it took is there again after a replay.
//
// # What becomes of a document
//
//	2xx                       indexed, or in the data stream's failure store
//	409, under Create         there already: done, counted as a duplicate
//	429, 5xx, cluster block,
//	too many shards           sent again, alone, after a while
//	400 and every other       a *ItemError: Indexer.OnError decides
//
// and of a request as a whole
//
//	no answer, 408, 5xx       sent again, to another node if there is one; in
//	                          halves if twice in a row there was none in time,
//	                          or not all of the request was taken
//	429                       sent again
//	413                       split, down to one document, which is ErrTooLarge then
//	400, of a node            split, down to the document that causes it
//	401, 403, 404, others     Run ends with a *RequestError
//	200, but no bulk answer,
//	or of another request     sent again: nobody knows what became of it
//
// What is sent again waits: exponentially longer, with full jitter, and as long
// as Retry-After says.
//
// A record that cannot be a document is never sent: ErrNotObject, ErrLineEnd,
// ErrTooLarge, or what Indexer.Index returned.
//
// # Personal data
//
// The server's reasons may quote values of the document ("failed to parse field
// [ip] … Preview of field's value: …"). They are not even asked for: errors and
// dead letters have the status and the type of the reason, for instance
// mapper_parsing_exception, and nothing else.
package bulk
