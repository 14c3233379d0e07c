import { findProgram, type Program, type Progress, type Wanted } from './program.js';

const NGINX: Wanted = {
  names: ['nginx'],
  versionFlag: '-v',
  debianPackage: 'nginx-light',
  brewPackage: 'nginx',
  unpacked: {
    // Which of them holds the program depends on the release.
    packages: ['nginx', 'nginx-light', 'nginx-core', 'libpcre2-8-0'],
    files: ['nginx'],
  },
  ratherUnpacked: true,
};

/** Finds an nginx, or gets one. Throws an error that says what to do when there is no way. */
export function nginxBinary(progress: Progress = () => undefined): Program {
  const found = findProgram(NGINX, progress);
  if (found) return found;
  throw new Error('No nginx was found, and the fleet needs one as its load balancer: install nginx-light, or nginx with brew.');
}
