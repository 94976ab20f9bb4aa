import {
  startServer
} from "../chunks/chunk-EYITII5T.js";
import "../chunks/chunk-T6XY2Q4R.js";
import "../chunks/chunk-Y7F2GMTB.js";
import "../chunks/chunk-GXWSCQCR.js";
export {
  startServer
};
