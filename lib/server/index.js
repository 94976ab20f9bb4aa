import {
  startServer
} from "../chunks/chunk-7O5FJB55.js";
import "../chunks/chunk-I3VO6KXN.js";
import "../chunks/chunk-GB3T5JSI.js";
import "../chunks/chunk-YBOVHRXC.js";
export {
  startServer
};
