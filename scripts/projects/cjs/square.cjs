const { currentWorker } = require('commonhold');

module.exports = (x) => {
  if (currentWorker() === undefined) throw new Error('the worker has another copy of the package');
  return x * x;
};
