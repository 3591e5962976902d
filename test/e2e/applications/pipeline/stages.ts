import { defineJob, type JobDefinition } from 'nestjs-job-queue';
import type { Artefact } from './library.js';

export interface StageData {
  readonly asset: string;
}

/** A stage that was skipped or failed pushes no other one. */
export type StageResult = 'success' | 'skipped';

export type Stage = JobDefinition<StageData, StageResult>;

export const CheckSidecar = stage('check-sidecar', 'sidecar');
export const ExtractMetadata = stage('extract-metadata', 'metadata');
export const MoveByTemplate = stage('move-by-template', 'storage');
export const GeneratePreview = stage('generate-preview', 'thumbnails');
export const GenerateThumbnail = stage('generate-thumbnail', 'thumbnails');
export const SmartSearch = stage('smart-search', 'smart');
export const DetectFaces = stage('detect-faces', 'faces');
export const TranscodeVideo = stage('transcode-video', 'video');
export const RecogniseFaces = stage('recognise-faces', 'recognition');

/** The artefact of each stage, and the stages behind it. */
export const STAGES: ReadonlyMap<Stage, { readonly makes: Artefact; readonly next: readonly Stage[] }> = new Map([
  [CheckSidecar, { makes: 'sidecar', next: [ExtractMetadata] }],
  [ExtractMetadata, { makes: 'metadata', next: [MoveByTemplate] }],
  [MoveByTemplate, { makes: 'path', next: [GeneratePreview] }],
  [GeneratePreview, { makes: 'preview', next: [GenerateThumbnail, SmartSearch, DetectFaces, TranscodeVideo] }],
  [GenerateThumbnail, { makes: 'thumbnail', next: [] }],
  [SmartSearch, { makes: 'smart', next: [] }],
  [DetectFaces, { makes: 'faces', next: [RecogniseFaces] }],
  [TranscodeVideo, { makes: 'video', next: [] }],
  [RecogniseFaces, { makes: 'person', next: [] }],
]);

export const QUEUES = [
  'sidecar',
  'metadata',
  'storage',
  'thumbnails',
  'smart',
  'faces',
  'video',
  'recognition',
  'library',
  'duplicates',
  'notifications',
  'background',
] as const;

function stage(name: string, queue: string): Stage {
  return defineJob<StageData, StageResult>(name, { queue, maxTries: 2, retryDelay: 5, retryJitter: 0 });
}
