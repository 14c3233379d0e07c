/** From the client to the server, or back. */
export type Direction = 'requests' | 'answers';

/** How a proxy treats what passes it. */
export type ProxyMode =
  | { readonly kind: 'pass' }
  /** Every chunk goes on `ms` later, both ways. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** So many bytes a second, each way. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  /** Open connections are reset, and new ones at once. */
  | { readonly kind: 'reset' }
  /** Connections and bytes are accepted and held back. */
  | { readonly kind: 'blackhole' }
  /** What goes this way is lost; a connection that lost something is reset when the mode ends. */
  | { readonly kind: 'halfOpen'; readonly swallows: Direction }
  /** Requests go through; after so many bytes of answer the connection is reset. */
  | { readonly kind: 'dropAnswer'; readonly afterBytes: number };
