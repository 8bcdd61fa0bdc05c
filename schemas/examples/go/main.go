// Stores a memory by a JSON record on memory.commands.
//
//	go run . localhost:40024 default user:1 'The user prefers green tea'
//
// The coord has to be canonical: see "Key and partition" in schemas/README.md.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	if len(os.Args) != 5 {
		log.Fatal("usage: go run . <brokers> <namespace> <canonical coord> <text>")
	}
	brokers, namespace, coord, text := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	// Sending again under the same id is safe; a new id is another command.
	commandID := uuid.NewString()
	command, err := json.Marshal(map[string]any{
		"type":       "StoreMemory",
		"command_id": commandID,
		"namespace":  namespace,
		"coord":      coord,
		"payload":    map[string]any{"text": text},
	})
	if err != nil {
		log.Fatal(err)
	}
	// Its default partitioner hashes as Java's does, and by default it waits for all replicas.
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	record, err := client.ProduceSync(ctx, &kgo.Record{
		Topic:   "memory.commands",
		Key:     []byte(namespace + "/" + coord),
		Value:   command,
		Headers: []kgo.RecordHeader{{Key: "content-type", Value: []byte("application/json")}},
	}).First()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("{\"command_id\": %q, \"partition\": %d}\n", commandID, record.Partition)
}
