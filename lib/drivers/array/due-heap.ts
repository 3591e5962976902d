/** An item in a {@link DueHeap}: the handle by which it can be taken out before its time. */
export interface DueEntry<T> {
  readonly item: T;
  readonly due: number;
}

/** Items by the time they are due, those due at the same time in the order they came: a binary heap. */
export class DueHeap<T> {
  private readonly nodes: Node<T>[] = [];
  private pushes = 0;

  get size(): number {
    return this.nodes.length;
  }

  /** What is due next. */
  get first(): DueEntry<T> | undefined {
    return this.nodes[0];
  }

  push(item: T, due: number): DueEntry<T> {
    const node = { item, due, order: this.pushes++, slot: this.nodes.length };
    this.nodes.push(node);
    this.rise(node);
    return node;
  }

  /** Takes the next item that is due, if there is one. */
  shiftDue(now: number): T | undefined {
    const [first] = this.nodes;
    if (!first || first.due > now) return undefined;
    this.removeNode(first);
    return first.item;
  }

  /** Takes an item out; one that is out already is left alone. */
  remove(entry: DueEntry<T>): void {
    const node = entry as Node<T>;
    if (this.nodes[node.slot] === node) this.removeNode(node);
  }

  /** Takes everything out, in no order. */
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
  /** Where it stands in the heap. */
  slot: number;
}

function comesBefore<T>(a: Node<T>, b: Node<T>): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
