import {
  startServer
} from "../chunks/chunk-DPG6DNQJ.js";
import "../chunks/chunk-GKFANONQ.js";
import "../chunks/chunk-VUPR3GZ3.js";
import "../chunks/chunk-2GGWTFG2.js";
export {
  startServer
};
