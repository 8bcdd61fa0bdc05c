export { GrpcClient, jsonOf, structOf, type Answered, type Message } from './grpc-client.js';
