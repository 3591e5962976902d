import { Module } from '@nestjs/common';
import { ArticlesController } from './articles.controller.js';
import { ArticlesService } from './articles.service.js';
import { IndexArticlesJob } from './index-articles.job.js';

@Module({ controllers: [ArticlesController], providers: [ArticlesService, IndexArticlesJob] })
export class ArticlesModule {}
