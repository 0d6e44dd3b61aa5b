// What the menu says in German: formally, the choice first, its key second.
import type { PromptSet } from './catalogue.ts'

export const german: PromptSet = {
  greeting: 'Guten Tag! Hier ist Liza, die automatische Sprachassistentin von {company}.',
  greeting_plain: 'Guten Tag! Hier ist Liza, Ihre automatische Sprachassistentin.',
  consent:
    'Um Ihre Bestellung zu bearbeiten, möchte {company} Ihre Rufnummer und Ihre Eingaben speichern und das Gespräch aufzeichnen, nur so lange wie nötig.',
  consent_plain:
    'Um Ihre Bestellung zu bearbeiten, möchten wir Ihre Rufnummer und Ihre Eingaben speichern und das Gespräch aufzeichnen, nur so lange wie nötig.',
  consent_terms: 'Das ist freiwillig und jederzeit widerrufbar, auf {website}.',
  consent_terms_plain: 'Das ist freiwillig und jederzeit widerrufbar.',
  consent_again:
    'Darf {company} Ihre Rufnummer und Ihre Eingaben speichern und das Gespräch aufzeichnen?',
  consent_again_plain:
    'Dürfen wir Ihre Rufnummer und Ihre Eingaben speichern und das Gespräch aufzeichnen?',
  consent_keys: 'Zum Zustimmen drücken Sie die 1, zum Ablehnen die 2.',
  repeat_key: 'Zum Wiederholen drücken Sie die 9.',
  human_key: 'Für einen Mitarbeiter drücken Sie die 0.',
  order:
    'Bitte geben Sie Ihre Bestellnummer über die Telefontasten ein, und drücken Sie dann die Raute-Taste.',
  order_again: 'Bitte geben Sie Ihre Bestellnummer ein, und drücken Sie dann die Raute-Taste.',
  order_repeat_key: 'Zum Wiederholen drücken Sie die 9 und Raute.',
  order_human_key: 'Für einen Mitarbeiter drücken Sie die 0 und Raute.',
  confirm_before: 'Sie haben eingegeben:',
  confirm_after: 'Wenn das richtig ist, drücken Sie die 1. Zum Ändern drücken Sie die 2.',
  help: 'Kann ich noch etwas für Sie tun? Für eine Bestellnummer drücken Sie die 1. Zum Beenden drücken Sie die 2, oder legen Sie auf.',
  help_again: 'Für eine Bestellnummer drücken Sie die 1. Zum Beenden drücken Sie die 2.',
  status_confirmed: 'Vielen Dank. Ihre Bestellung ist bestätigt.',
  status_in_progress: 'Vielen Dank. Ihre Bestellung ist in Bearbeitung.',
  status_completed: 'Vielen Dank. Ihre Bestellung ist abgeschlossen.',
  status_canceled: 'Vielen Dank. Ihre Bestellung wurde storniert.',
  status_problem: 'Vielen Dank. Bei Ihrer Bestellung gibt es ein Problem. Wir kümmern uns darum.',
  status_unknown: 'Vielen Dank. Zu dieser Nummer liegt uns noch keine Bestellung vor.',
  invalid_key: 'Diese Eingabe ist hier leider nicht möglich.',
  invalid_order: 'Das ist leider keine gültige Bestellnummer.',
  nobody: 'Im Moment ist leider kein Mitarbeiter zu erreichen.',
  nobody_answers: 'Leider nimmt gerade kein Mitarbeiter ab.',
  unrecorded:
    'In Ordnung. Ihre Eingaben werden nicht gespeichert, das Gespräch wird nicht aufgezeichnet.',
  corrected: 'In Ordnung, dann noch einmal.',
  to_human: 'Einen Moment bitte, ich verbinde Sie mit einem Mitarbeiter.',
  to_agent: 'Einen Moment bitte, ich verbinde Sie mit unserem KI-Assistenten.',
  goodbye: 'Vielen Dank für Ihren Anruf. Auf Wiederhören!',
  refused:
    'In Ordnung. Ohne Ihre Zustimmung kann ich hier nicht weiterhelfen. Vielen Dank für Ihren Anruf. Auf Wiederhören!',
  no_input:
    'Leider habe ich keine gültige Eingabe erhalten. Bitte rufen Sie gern noch einmal an. Auf Wiederhören!',
  sorry:
    'Es tut mir leid, ich muss unser Gespräch hier beenden. Bitte rufen Sie gern noch einmal an. Auf Wiederhören!',
}
