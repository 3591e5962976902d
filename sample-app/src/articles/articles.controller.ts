import { Body, Controller, Get, HttpCode, HttpStatus, Param, Put, Query } from '@nestjs/common';
import { QueueManager } from 'nestjs-job-queue';
import { accepted, type AcceptedJob } from '../common/accepted-job.js';
import { ArticleDto, ArticlePath, SearchDto } from './article.dto.js';
import { ArticlesService } from './articles.service.js';
import { IndexArticlesJob } from './index-articles.job.js';

@Controller('articles')
export class ArticlesController {
  constructor(
    private readonly articles: ArticlesService,
    private readonly queue: QueueManager,
  ) {}

  /** Stores an article. Many requests are followed by one job that makes the index: their answers tell the same id. */
  @Put(':slug')
  @HttpCode(HttpStatus.ACCEPTED)
  async save(@Param() { slug }: ArticlePath, @Body() { text }: ArticleDto): Promise<AcceptedJob> {
    await this.articles.save(slug, text);
    return accepted(await this.queue.push(IndexArticlesJob));
  }

  @Get()
  search(@Query() { q }: SearchDto): Promise<string[]> {
    return this.articles.search(q);
  }
}
