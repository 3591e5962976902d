import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BadRequestException, Injectable } from '@nestjs/common';
import sharp from 'sharp';
import { AppConfig } from '../config/app.config.js';

/** The accepted formats of pictures, with the extensions of their files. */
const EXTENSIONS: Readonly<Record<string, string>> = { jpeg: 'jpg', png: 'png', webp: 'webp' };
const FILE_NAME = /^[0-9a-f-]{36}(-\d{1,4})?\.(jpg|png|webp)$/;

/** Stores pictures as files, and resizes them. */
@Injectable()
export class ImageService {
  readonly folder: string;

  constructor({ outbox }: AppConfig) {
    this.folder = join(outbox, 'images');
  }

  /**
   * Stores an uploaded picture. Reads the format from the content, because a client can send any content type.
   *
   * @returns the name of its file
   * @throws BadRequestException if it is no picture in an accepted format
   */
  async store(content: Buffer): Promise<string> {
    const format = await sharp(content)
      .metadata()
      .then((metadata) => metadata.format)
      .catch(() => undefined);
    const extension = EXTENSIONS[format ?? ''];
    if (extension === undefined) throw new BadRequestException('Expected a picture: JPEG, PNG or WebP');
    const name = `${randomUUID()}.${extension}`;
    await mkdir(this.folder, { recursive: true });
    await writeFile(join(this.folder, name), content);
    return name;
  }

  /** Returns the file name of the resized picture. */
  resizedName(name: string, width: number): string {
    return name.replace(/(\.\w+)$/, `-${width}$1`);
  }

  /** Writes the picture in another width and keeps its proportions. A second call writes the same file again. */
  async resize(name: string, width: number): Promise<string> {
    const target = this.path(this.resizedName(name, width));
    const content = await sharp(this.path(name)).rotate().resize({ width }).toBuffer();
    await writeFile(`${target}.part`, content);
    await rename(`${target}.part`, target);
    return target;
  }

  /** Returns true for a valid file name. A name such as `../x` would lead out of the folder. */
  isName(name: string): boolean {
    return FILE_NAME.test(name);
  }

  path(name: string): string {
    return join(this.folder, name);
  }
}
