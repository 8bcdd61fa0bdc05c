import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, type DescriptorProto } from '@bufbuild/protobuf/wkt';
import { loadSync } from '@grpc/proto-loader';
import { expect, test } from '@jest/globals';
import { file_somafractalmemory_v1_memory as FILE } from './generated/somafractalmemory/v1/memory_pb.js';

const PROTO = new URL('../../../../schemas/proto', import.meta.url).pathname;
const PACKAGE = 'somafractalmemory.v1';

/** Names, numbers and types of all fields: what travels. */
function shapeOf(messages: readonly DescriptorProto[]) {
  const shapes = messages.map(({ name, field }): [string, string[]] => [
    name,
    field.map(({ name: own, number, type, label, typeName }) => {
      // Of a map the one names its entry, the other its value.
      const local =
        typeName
          .split('.')
          .at(-1)
          ?.replace(/Entry$/, '') ?? '';
      return `${own} = ${number}: ${String(type)} ${String(label)} ${local}`;
    }),
  ]);
  return Object.fromEntries(shapes);
}

test('the generated messages are those of the published .proto', () => {
  const loaded = loadSync('somafractalmemory/v1/memory.proto', { keepCase: true, includeDirs: [PROTO] });
  const [put] = Object.entries(loaded).filter(([name]) => name === `${PACKAGE}.PutRequest`);
  const { fileDescriptorProtos = [] } = (put?.[1] ?? {}) as { fileDescriptorProtos?: Buffer[] };
  const published = fileDescriptorProtos
    .map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes))
    .filter((file) => file.package === PACKAGE)
    .flatMap(({ messageType }) => messageType);
  expect(published.length).toBeGreaterThan(10);
  expect(shapeOf(published)).toEqual(shapeOf(FILE.proto.messageType));
});
