/** What a core wants to send, gathered into one batch a link while it steps; its driver drains it. Links are numbers. */
export class Outbox<Message> {
  readonly #batches = new Map<number, Message[]>();
  #lastLink = -1;
  #lastBatch: Message[] = [];

  push(link: number, message: Message): void {
    if (link !== this.#lastLink) this.#select(link);
    this.#lastBatch.push(message);
  }

  get isEmpty(): boolean {
    return this.#batches.size === 0;
  }

  /** Hands over each link's batch, in the order of their first messages; the receiver owns the arrays. */
  drain(send: (link: number, batch: Message[]) => void): void {
    if (this.#batches.size === 0) return;
    const batches = [...this.#batches];
    this.#batches.clear();
    this.#lastLink = -1;
    for (const [link, batch] of batches) send(link, batch);
  }

  #select(link: number): void {
    let batch = this.#batches.get(link);
    if (batch === undefined) {
      batch = [];
      this.#batches.set(link, batch);
    }
    this.#lastLink = link;
    this.#lastBatch = batch;
  }
}
