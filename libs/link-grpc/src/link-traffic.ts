/** What some links have carried so far; a message is what gRPC counts as one, and may hold a whole batch. */
export interface LinkTraffic {
  messagesSent: number;
  bytesSent: number;
  messagesReceived: number;
  bytesReceived: number;
}

export function noTraffic(): LinkTraffic {
  return { messagesSent: 0, bytesSent: 0, messagesReceived: 0, bytesReceived: 0 };
}
