const SMALLEST = 16;

/**
 * A list that is open at both ends: a ring of slots, so that each operation takes constant time (amortised), however long the
 * list is. It frees memory as the list gets shorter.
 */
export class Deque<T> implements Iterable<T> {
  private slots = emptySlots<T>(SMALLEST);
  private head = 0;
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(item: T): void {
    this.makeRoom();
    this.slots[this.slotOf(this.count)] = item;
    this.count++;
  }

  unshift(item: T): void {
    this.makeRoom();
    this.head = this.slotOf(-1);
    this.slots[this.head] = item;
    this.count++;
  }

  shift(): T | undefined {
    if (this.count === 0) return undefined;
    const item = this.slots[this.head];
    this.slots[this.head] = undefined;
    this.head = this.slotOf(1);
    this.count--;
    if (this.slots.length > SMALLEST && this.count < this.slots.length / 4) this.resize(this.slots.length / 2);
    return item;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let i = 0; i < this.count; i++) yield this.slots[this.slotOf(i)] as T;
  }

  clear(): void {
    this.slots = emptySlots(SMALLEST);
    this.head = 0;
    this.count = 0;
  }

  /** Returns the slot of a position. The number of slots is a power of two, so that a mask replaces the remainder. */
  private slotOf(position: number): number {
    return (this.head + position) & (this.slots.length - 1);
  }

  private makeRoom(): void {
    if (this.count === this.slots.length) this.resize(this.slots.length * 2);
  }

  private resize(capacity: number): void {
    const slots = emptySlots<T>(capacity);
    for (let i = 0; i < this.count; i++) slots[i] = this.slots[this.slotOf(i)];
    this.slots = slots;
    this.head = 0;
  }
}

function emptySlots<T>(capacity: number): (T | undefined)[] {
  const slots: (T | undefined)[] = [];
  slots.length = capacity;
  return slots;
}
