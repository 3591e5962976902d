/** An item in a {@link DueHeap}, and the handle to remove it before it is due. */
export interface DueEntry<T> {
  readonly item: T;
  readonly due: number;
}

/** A binary heap of items, ordered by due time. Items that are due at the same time keep the order of their pushes. */
export class DueHeap<T> {
  private readonly nodes: Node<T>[] = [];
  private pushes = 0;

  get size(): number {
    return this.nodes.length;
  }

  /** The entry that is due next. */
  get first(): DueEntry<T> | undefined {
    return this.nodes[0];
  }

  push(item: T, due: number): DueEntry<T> {
    const node = { item, due, order: this.pushes++, slot: this.nodes.length };
    this.nodes.push(node);
    this.rise(node);
    return node;
  }

  /** Removes the next due item, and returns it; `undefined` if no item is due. */
  shiftDue(now: number): T | undefined {
    const [first] = this.nodes;
    if (!first || first.due > now) return undefined;
    this.removeNode(first);
    return first.item;
  }

  /** Removes an item. Does nothing if the item was removed before. */
  remove(entry: DueEntry<T>): void {
    const node = entry as Node<T>;
    if (this.nodes[node.slot] === node) this.removeNode(node);
  }

  /** Removes all items, and returns them in no order. */
  drain(): T[] {
    return this.nodes.splice(0).map((node) => node.item);
  }

  private removeNode(node: Node<T>): void {
    const last = this.nodes.pop()!;
    if (last === node) return;
    this.put(last, node.slot);
    this.rise(last);
    this.sink(last);
  }

  private rise(node: Node<T>): void {
    while (node.slot > 0) {
      const parent = this.nodes[(node.slot - 1) >> 1]!;
      if (!comesBefore(node, parent)) return;
      this.swap(node, parent);
    }
  }

  private sink(node: Node<T>): void {
    for (;;) {
      const left = this.nodes[2 * node.slot + 1];
      const right = this.nodes[2 * node.slot + 2];
      const child = left && right && comesBefore(right, left) ? right : left;
      if (!child || !comesBefore(child, node)) return;
      this.swap(node, child);
    }
  }

  private swap(a: Node<T>, b: Node<T>): void {
    const slot = a.slot;
    this.put(a, b.slot);
    this.put(b, slot);
  }

  private put(node: Node<T>, slot: number): void {
    node.slot = slot;
    this.nodes[slot] = node;
  }
}

interface Node<T> extends DueEntry<T> {
  /** Its number among all pushes. */
  readonly order: number;
  /** Its index in the heap. */
  slot: number;
}

function comesBefore<T>(a: Node<T>, b: Node<T>): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
