import { IsString, Matches, MaxLength } from 'class-validator';

export class ArticlePath {
  /** The name of the article in its path, and of its file. */
  @Matches(/^[a-z\d][a-z\d-]{0,79}$/)
  slug!: string;
}

export class ArticleDto {
  @IsString()
  @MaxLength(50_000)
  text!: string;
}

export class SearchDto {
  @IsString()
  @MaxLength(100)
  q!: string;
}
