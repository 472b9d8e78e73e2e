// What a screen reader says: one place for all of it. Other people's messages are read one by one while it is quiet;
// when many come they are counted, so that nobody is talked over by the room.
(() => {
  "use strict";
  const PAUSE = 4000;
  const LONGEST = 200;
  const place = document.getElementById("announcer");
  let waiting = [];
  let timer = 0;

  place.say = (text) => {
    // The same words twice in a row would be no change, and be said once.
    place.textContent = place.textContent === text ? `${text}\u00a0` : text;
  };

  // "HappyPanda123" as "Happy Panda 123".
  const apart = (name) => name.replace(/([\p{Ll}])(?=[\p{Lu}\d])/gu, "$1 ");
  const words = (message) => {
    const text = (message.querySelector(".message-body") || message.querySelector(".attachments"))?.textContent || "";
    return `${apart(message.querySelector(".message-author").textContent)}: ${text.trim().replace(/\s+/g, " ").slice(0, LONGEST)}`;
  };

  const tell = () => {
    timer = 0;
    waiting = waiting.filter((message) => message.isConnected && !message.hidden);
    if (!waiting.length) return;
    place.say(waiting.length === 1 ? words(waiting[0]) : place.dataset.news.replace("{n}", waiting.length));
    waiting = [];
    timer = setTimeout(tell, PAUSE);
  };

  place.news = (message) => {
    waiting.push(message);
    // A moment's pause: messages that come together are told together.
    if (!timer) timer = setTimeout(tell, 150);
  };
})();
