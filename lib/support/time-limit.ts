export { waitAtMost, withTimeLimit } from './clock.js';
