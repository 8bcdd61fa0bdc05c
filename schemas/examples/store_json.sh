#!/bin/sh
# Stores a memory by a JSON record on memory.commands, with kcat and jq:
#
#   sh store_json.sh localhost:40024 default user:1 'The user prefers green tea'
#
# The coord has to be canonical: see "Key and partition" in schemas/README.md.
set -eu
brokers=$1 namespace=$2 coord=$3 text=$4

# Sending again under the same id is safe; a new id is another command.
command_id=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen)

# kcat sends a record a line, so the JSON is on one.
jq -nc --arg id "$command_id" --arg namespace "$namespace" --arg coord "$coord" --arg text "$text" \
  '{type: "StoreMemory", command_id: $id, namespace: $namespace, coord: $coord, payload: {text: $text}}' |
  kcat -P -b "$brokers" -t memory.commands -k "$namespace/$coord" -H content-type=application/json \
    -X topic.partitioner=murmur2_random -X acks=all -X message.timeout.ms=30000

printf '{"command_id": "%s"}\n' "$command_id"
