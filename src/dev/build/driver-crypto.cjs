// What the driver asks of cryptography when it logs in, by Node's own functions: the driver's goes by way of Web Cryptography, which takes
// 5 ms more to load and to ask. Same names, same answers.
'use strict';
const { createHash, createHmac, pbkdf2, randomBytes } = require('node:crypto');
const { promisify } = require('node:util');

const digest = (name, data) => createHash(name).update(data).digest();

module.exports = {
  randomBytes,
  md5: async (text) => digest('md5', text).toString('hex'),
  sha256: async (data) => digest('sha256', data),
  // As certificates name it: SHA-256.
  hashByName: async (name, data) => digest(name.replace('-', '').toLowerCase(), data),
  hmacSha256: async (key, text) => createHmac('sha256', key).update(text).digest(),
  // Beside the work of this thread: it is made slow on purpose.
  deriveKey: (password, salt, iterations) => promisify(pbkdf2)(password, salt, iterations, 32, 'sha256'),
  postgresMd5PasswordHash: async (user, password, salt) =>
    `md5${digest('md5', Buffer.concat([Buffer.from(digest('md5', password + user).toString('hex')), salt])).toString('hex')}`,
};
