import type { ModulesContainer } from '@nestjs/core';

/** A module as Nest's container holds it. Nest does not export the type from its root. */
export type NestModule = ModulesContainer extends Map<string, infer Module> ? Module : never;

/** A provider (or guard, pipe ...) as Nest's container holds it. */
export type NestProvider = NestModule['providers'] extends Map<unknown, infer Provider> ? Provider : never;
