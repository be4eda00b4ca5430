/** What a first responder's message opens: where to go, and three answers. The key stays behind the #, which no server is sent. */
const key = location.hash.slice(1);
const part = (id) => document.getElementById(id);
const say = (zh, en) => {
  part('said').textContent = `${zh} · ${en}`;
};
const statuses = {
  offered: ['尚未通知', 'not alerted yet'],
  alerted: ['有人需要帮助，请应答', 'somebody needs help: please answer'],
  accepted: ['谢谢，请尽快前往', 'thank you, please hurry'],
  declined: ['已记录：不能来', 'noted: you cannot come'],
  'on-scene': ['已记录：到达现场', 'noted: you are there'],
  lapsed: [
    '应答已超时，已通知他人；仍能来请点接受',
    'the time to answer is over and others were told; accept if you can still come',
  ],
  'stood-down': ['任务已结束，谢谢', 'it is over, thank you'],
};
/** Which answers a status leaves open. */
const open = {
  alerted: ['accept', 'decline', 'on-scene'],
  accepted: ['on-scene', 'decline'],
  lapsed: ['accept', 'decline', 'on-scene'],
};

function show({ status, callNumber, position, address }) {
  const [zh, en] = statuses[status] ?? [status, status];
  say(`${callNumber} 号：${zh}`, `Call ${callNumber}: ${en}`);
  part('call').hidden = position === null;
  part('address').textContent = address ?? '—';
  if (position) {
    const { lat, lon } = position;
    const link = document.createElement('a');
    link.textContent = `${lat.toFixed(5)}, ${lon.toFixed(5)} (WGS-84)`;
    link.href = `geo:${lat},${lon}`;
    part('place').replaceChildren(link);
  }
  part('answers').hidden = !open[status];
  for (const button of document.querySelectorAll('button')) {
    button.hidden = !open[status]?.includes(button.dataset.answer);
    button.disabled = false;
  }
}

async function ask(answer) {
  for (const button of document.querySelectorAll('button')) button.disabled = true;
  try {
    const response = await fetch('/v1/responder-answers', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(answer ? { key, answer } : { key }),
    });
    if (response.ok) show(await response.json());
    else if (answer) await ask(null);
    else say('链接无效或已过期，请联系调度台', 'The link is not valid; call the dispatch desk');
  } catch {
    say('没有网络，请重试或致电调度台', 'No connection; try again, or call the dispatch desk');
    for (const button of document.querySelectorAll('button')) button.disabled = false;
  }
}

for (const button of document.querySelectorAll('button')) {
  button.addEventListener('click', () => ask(button.dataset.answer));
}
ask(null);
