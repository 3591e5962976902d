import { Injectable } from '@nestjs/common';
import { Job, jobSpec, QueueManager, type JobHandlerOf } from 'nestjs-job-queue';
import { Library } from './library.js';
import {
  CheckSidecar,
  DetectFaces,
  ExtractMetadata,
  GeneratePreview,
  GenerateThumbnail,
  MoveByTemplate,
  RecogniseFaces,
  SmartSearch,
  type Stage,
  type StageData,
  type StageResult,
  STAGES,
  TranscodeVideo,
} from './stages.js';

/** Does the work of a stage, and pushes the stages behind it. */
@Injectable()
export class Pipeline {
  constructor(
    private readonly library: Library,
    private readonly queue: QueueManager,
  ) {}

  async run(stage: Stage, { asset }: StageData): Promise<StageResult> {
    const { makes, next } = STAGES.get(stage)!;
    if (stage === TranscodeVideo && (await this.library.kindOf(asset)) !== 'video') return 'skipped';
    await this.library.write(asset, makes);
    await this.queue.pushMany(next.map((each) => stageSpec(each, asset)));
    return 'success';
  }
}

/** A stage of an asset has one job at a time. */
export function stageSpec(stage: Stage, asset: string, priority = 0) {
  return jobSpec(stage, { asset }, { id: `${stage.name}/${asset}`, unique: true, priority });
}

function handlerOf(stage: Stage) {
  @Job(stage)
  class StageHandler implements JobHandlerOf<Stage> {
    constructor(private readonly pipeline: Pipeline) {}

    async handle(data: StageData): Promise<StageResult> {
      return this.pipeline.run(stage, data);
    }
  }
  return StageHandler;
}

export const STAGE_HANDLERS = [
  CheckSidecar,
  ExtractMetadata,
  MoveByTemplate,
  GeneratePreview,
  GenerateThumbnail,
  SmartSearch,
  DetectFaces,
  TranscodeVideo,
  RecogniseFaces,
].map(handlerOf);
