/** What a core wants to send, gathered into one batch a link while it steps, for its driver to drain. */
export class Outbox<Message> {
  #batches = new Map<number, Message[]>();
  #lastLink = -1;
  #lastBatch: Message[] | null = null;

  push(link: number, message: Message): void {
    const batch = link === this.#lastLink ? this.#lastBatch : null;
    (batch ?? this.#select(link)).push(message);
  }

  get isEmpty(): boolean {
    return this.#batches.size === 0;
  }

  /** Hands over each link's batch, in the order of their first messages; the receiver owns the arrays. */
  drain(send: (link: number, batch: Message[]) => void): void {
    if (this.#batches.size === 0) return;
    const batches = this.#batches;
    // A new one: a Map that is cleared keeps a chain from its old tables to the new ones, by which V8's
    // collector of young objects finds every batch alive that was ever in it.
    this.#batches = new Map();
    this.#lastLink = -1;
    this.#lastBatch = null;
    for (const [link, batch] of batches) send(link, batch);
  }

  #select(link: number): Message[] {
    let batch = this.#batches.get(link);
    if (batch === undefined) {
      batch = [];
      this.#batches.set(link, batch);
    }
    this.#lastLink = link;
    this.#lastBatch = batch;
    return batch;
  }
}
