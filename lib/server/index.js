import {
  startServer
} from "../chunks/chunk-DUC54A7M.js";
import "../chunks/chunk-OKQD6GUA.js";
import "../chunks/chunk-XLRFQOWC.js";
import "../chunks/chunk-FM4B56PX.js";
export {
  startServer
};
