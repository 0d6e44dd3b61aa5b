#!/bin/sh
# Makes the *.ulaw files beside this script (raw G.711 µ-law, 8 kHz, mono) from text, with Debian's espeak-ng and sox.
# Run by hand when a text changes: `sh make-speech.sh`.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# say FILE VOICE TEXT: 16-bit 8 kHz WAV, telephone band, without silence at either end, peak at -6 dBFS.
say() {
  espeak-ng -v "$2" -s 150 -w "$work/raw.wav" "$3"
  sox -D "$work/raw.wav" "$work/$1.wav" gain -6 rate 8000 highpass 200 lowpass 3400 \
    silence 1 0.02 0.5% reverse silence 1 0.02 0.5% reverse gain -n -6
}
# store NAME FILE…: the files one after the other, as raw µ-law.
store() {
  name=$1
  shift
  sox -D "$@" -t raw -e mu-law -b 8 "$name.ulaw"
}

for line in \
  'agent-greeting|en-gb|Hello, this is the voicegate rehearsal agent. How can I help you?' \
  'agent-reply|en-gb|Thank you. I heard every word you said, and I have written it down for my colleagues.' \
  'agent-goodbye|en-gb|Thank you for calling. Goodbye.' \
  'fallback-message|en-gb|We are sorry, something went wrong on our side. Please call again later.' \
  'caller-hello|en-us|Hello? Who is calling, please?' \
  'caller-question|en-us|Could you tell me when you are open tomorrow?'; do
  name=${line%%|*} rest=${line#*|}
  say "$name" "${rest%%|*}" "${rest#*|}"
  store "$name" "$work/$name.wav"
done

sox -n -r 8000 -c 1 -b 16 "$work/pause.wav" trim 0 0.4
say german de 'Die gewählte Rufnummer ist derzeit nicht erreichbar.'
say english en-gb 'The number you have dialled is not available. Please try again later.'
store operator-unavailable "$work/german.wav" "$work/pause.wav" "$work/english.wav"

sox -n -r 8000 -c 1 -b 16 "$work/beep.wav" synth 0.4 sine 1000 gain -6
say voicemail en-us 'Hi, you have reached my voice mail. I cannot take your call right now. Please leave a message after the tone.'
store voicemail-greeting "$work/voicemail.wav" "$work/pause.wav" "$work/beep.wav"
