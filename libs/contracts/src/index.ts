// The contracts between the stages and with clients, as protobufjs makes them from protos/. Only
// the carriers of links and the public client may read them: a core knows the model's types.
export { fileDescriptors, type FileDescriptor } from '../gen/descriptors.js';
export { paddock } from '../gen/index.js';
