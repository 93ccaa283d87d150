// As n8n does: the message of the options replaces the error's own.
exports.NodeOperationError = class NodeOperationError extends Error {
  constructor(node, error, options = {}) {
    super(options.message ?? error);
  }
};
