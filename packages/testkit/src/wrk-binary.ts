import { findProgram, type Program, type Progress, type Wanted } from './program.js';

const WRK: Wanted = {
  names: ['wrk'],
  versionFlag: '-v',
  // It prints its version, and then complains that there is no address.
  versionStatus: 1,
  debianPackage: 'wrk',
  brewPackage: 'wrk',
  unpacked: {
    // Which LuaJIT and which OpenSSL it was linked with depends on the release.
    packages: ['wrk', 'libluajit-5.1-2', 'libluajit2-5.1-2', 'libssl3', 'libssl3t64'],
    files: ['wrk'],
  },
};

/** Finds a wrk, or gets one. Throws an error that says what to do when there is no way. */
export function wrkBinary(progress: Progress = () => undefined): Program {
  const found = findProgram(WRK, progress);
  if (found) return found;
  throw new Error('No wrk was found, and the bench needs it to load what it measures: install wrk, by apt or with brew.');
}
