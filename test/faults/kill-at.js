// Loaded into the program (node --import) by the fault test: counts the points at which something durable happens, and
// kills the program at one of them. The points are found by running: every flush of the journal, every file put in
// place, every command that changes something, each before and after.
import childProcess from 'node:child_process';
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const killAt = Number(process.env.KILL_AT ?? 0);
const pointsFile = process.env.KILL_POINTS_FILE;
const points = [];

function point(name) {
  points.push(name);
  if (points.length === killAt) process.kill(process.pid, 'SIGKILL');
}

const { fdatasync, renameSync } = fs;
fs.fdatasync = (file, callback) => {
  point('before a journal flush');
  fdatasync(file, (error) => {
    point('after a journal flush');
    callback(error);
  });
};

fs.renameSync = (from, to) => {
  point(`before ${to.replace(/.*\//, '')} is in place`);
  renameSync(from, to);
  point(`after ${to.replace(/.*\//, '')} is in place`);
};

const { rename: renamePromised, rm: rmPromised } = fsPromises;
fsPromises.rename = async (from, to) => {
  point(`before ${String(to).replace(/.*\//, '')} is in place`);
  await renamePromised(from, to);
  point(`after ${String(to).replace(/.*\//, '')} is in place`);
};
fsPromises.rm = async (path, options) => {
  const isBackup = /\/backups\//.test(String(path));
  if (isBackup) point('before a backup is removed');
  await rmPromised(path, options);
  if (isBackup) point('after a backup is removed');
};

const { spawn } = childProcess;
childProcess.spawn = (...words) => {
  const child = spawn(...words);
  const write = child.stdin?.write;
  if (write !== undefined) {
    child.stdin.write = (data, ...rest) => {
      const command = /^(define|shutdown|destroy|start|suspend|resume|create|attach-device|detach-disk) /.exec(
        String(data),
      )?.[1];
      if (command !== undefined) point(`before ${command} is sent`);
      const result = write.call(child.stdin, data, ...rest);
      if (command !== undefined) point(`after ${command} is sent`);
      return result;
    };
  }
  return child;
};
syncBuiltinESMExports();

if (pointsFile !== undefined) process.on('exit', () => fs.writeFileSync(pointsFile, JSON.stringify(points)));
