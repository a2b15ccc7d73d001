import type { ChannelOptions } from '@grpc/grpc-js';

/**
 * grpc-js refuses a larger message itself, as it reads the length and before it holds the rest. Above the link's own
 * bound, so that in between the other side is told what was too large.
 */
const RECEIVE_FACTOR = 2;
const KEEPALIVE_MS = 10_000;
const KEEPALIVE_TIMEOUT_MS = 5000;
/** Half an hour would let a client's idle channel go. */
const IDLE_MS = 2 ** 31 - 1;

export interface ChannelSettings {
  readonly messageBytes: number;
  readonly windowBytes: number;
  readonly reconnectMs: number;
}

export function channelOptions(settings: ChannelSettings): ChannelOptions {
  return {
    'grpc.max_receive_message_length': RECEIVE_FACTOR * settings.messageBytes,
    'grpc.max_send_message_length': -1,
    // Without it HTTP/2 lets 64 KB be under way a round trip, whatever the network could carry.
    'grpc-node.flow_control_window': settings.windowBytes,
    // Links resend by rules of their own. Without room in the retry buffers a write completes when it
    // has left; with it, at once, and back-pressure would never be felt.
    'grpc.enable_retries': 0,
    'grpc.per_rpc_retry_buffer_size': 0,
    'grpc.retry_buffer_size': 0,
    'grpc.initial_reconnect_backoff_ms': settings.reconnectMs,
    'grpc.max_reconnect_backoff_ms': settings.reconnectMs,
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
    // A connection of its own, so that a full stream of another boundary cannot hold this one up.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_channelz': 0,
    'grpc.client_idle_timeout_ms': IDLE_MS,
    // A peer that vanished without a word is noticed here at last; sooner by the stages' own ticks.
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.keepalive_permit_without_calls': 1,
  };
}

export interface ServerSettings {
  readonly messageBytes: number;
  /** Streams and calls at one time on one connection. */
  readonly concurrentStreams: number;
}

export function serverOptions(settings: ServerSettings): ChannelOptions {
  return {
    'grpc.max_receive_message_length': RECEIVE_FACTOR * settings.messageBytes,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': settings.concurrentStreams,
    // Channelz stays on: without it grpc-js forgets its connections, and a forced shutdown leaves them open.
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
  };
}
