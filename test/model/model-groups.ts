/** The part of a job that its place depends on. */
export interface Grouped {
  readonly id: string;
  readonly group?: string | undefined;
}

/** The ready jobs with a group: each group gives one job, and goes behind the others. */
export class ModelGroups<Job extends Grouped> {
  /** The groups with jobs, the next one first. */
  ring: string[] = [];
  private readonly lists = new Map<string, Job[]>();

  get jobs(): Job[] {
    return this.ring.flatMap((group) => this.lists.get(group)!);
  }

  /** The ids of each group, by name. */
  get ids(): [string, string[]][] {
    const all = [...this.lists].map(([group, jobs]): [string, string[]] => [group, jobs.map(({ id }) => id)]);
    return all.toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  push(job: Job): void {
    this.listOf(job.group!).push(job);
  }

  unshift(job: Job): void {
    this.listOf(job.group!).unshift(job);
  }

  take(count: number): Job[] {
    const taken: Job[] = [];
    while (taken.length < count && this.ring.length > 0) {
      const group = this.ring.shift()!;
      const jobs = this.lists.get(group)!;
      taken.push(jobs.shift()!);
      if (jobs.length > 0) this.ring.push(group);
      else this.lists.delete(group);
    }
    return taken;
  }

  /** @returns the jobs that match */
  drop(fits: (job: Job) => boolean): Job[] {
    const dropped: Job[] = [];
    for (const [group, jobs] of this.lists) {
      dropped.push(...jobs.filter(fits));
      const left = jobs.filter((job) => !fits(job));
      this.lists.set(group, left);
      if (left.length > 0) continue;
      this.lists.delete(group);
      this.ring = this.ring.filter((each) => each !== group);
    }
    return dropped;
  }

  private listOf(group: string): Job[] {
    const known = this.lists.get(group);
    if (known) return known;
    const jobs: Job[] = [];
    this.lists.set(group, jobs);
    this.ring.push(group);
    return jobs;
  }
}
