import { render } from 'preact';
import { App } from './app.js';
import { observe } from './manager/history.js';
import './style.css';

observe();
render(<App />, document.getElementById('console')!);
