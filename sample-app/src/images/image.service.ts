import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BadRequestException, Injectable } from '@nestjs/common';
import sharp from 'sharp';
import { AppConfig } from '../config/app.config.js';

/** The kinds of pictures that are taken, and what their files end in. */
const EXTENSIONS: Readonly<Record<string, string>> = { jpeg: 'jpg', png: 'png', webp: 'webp' };
const FILE_NAME = /^[0-9a-f-]{36}(-\d{1,4})?\.(jpg|png|webp)$/;

/** Keeps pictures as files, and makes smaller ones of them. */
@Injectable()
export class ImageService {
  readonly folder: string;

  constructor({ outbox }: AppConfig) {
    this.folder = join(outbox, 'images');
  }

  /**
   * Keeps an uploaded picture.
   *
   * @returns the name of its file
   * @throws BadRequestException where it is no picture, whatever it says it is
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

  /** What the file is called that a resized picture gets. */
  resizedName(name: string, width: number): string {
    return name.replace(/(\.\w+)$/, `-${width}$1`);
  }

  /** Makes a picture of another width; its height follows. Doing it twice gives the same file. */
  async resize(name: string, width: number): Promise<string> {
    const target = this.path(this.resizedName(name, width));
    const content = await sharp(this.path(name)).rotate().resize({ width }).toBuffer();
    await writeFile(`${target}.part`, content);
    await rename(`${target}.part`, target);
    return target;
  }

  /** Whether something can be the name of a file here: nothing that leads out of the folder can. */
  isName(name: string): boolean {
    return FILE_NAME.test(name);
  }

  path(name: string): string {
    return join(this.folder, name);
  }
}
