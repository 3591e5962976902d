import { Logger } from '@nestjs/common';
import { Job, type JobHandler } from 'nestjs-job-queue';
import { ArticlesService } from './articles.service.js';

/** Makes the index of all articles: once two seconds after the last change, and at the latest ten seconds after the first one. */
@Job({ queue: 'search', debounce: { key: () => 'articles', wait: '2s', maxWait: '10s' } })
export class IndexArticlesJob implements JobHandler<undefined, void> {
  private readonly logger = new Logger(IndexArticlesJob.name);

  constructor(private readonly articles: ArticlesService) {}

  async handle(): Promise<void> {
    this.logger.log(`${await this.articles.index()} articles are in the index`);
  }
}
