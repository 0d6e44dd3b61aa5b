// What a failure usually means, and what to do about it.
import { defineWords } from '../../words/define-words.ts'

export const useReasonWords = defineWords('trunk-reasons', {
  en: {
    credentials: 'The carrier does not take the user or the password.',
    credentials_do:
      'Compare both with what the carrier shows for the account; some have a separate user for authentication (auth_user).',
    forbidden:
      'The carrier refuses the account: a wrong password, an account that is off, or an address of ours that it does not allow.',
    forbidden_do:
      'Check the password first, then whether the account is active and whether the carrier lists allowed addresses.',
    unknown_account: 'The carrier does not know this user.',
    unknown_account_do:
      'Check user and domain: many carriers want a domain of their own for each region or customer.',
    no_answer: 'Nothing came back: a firewall, a wrong port, or a carrier that is down.',
    no_answer_do:
      'Check domain, proxy and transport, and whether SIP may leave this network (5060, or 5061 for TLS).',
    name: 'The domain has no address.',
    name_do: 'Check how the domain is written, and name resolution (DNS) on this machine.',
    refused_connection:
      'The machine is there, but takes no SIP at this port, or closed the connection.',
    refused_connection_do: 'Check port and transport: UDP, TCP and TLS are different doors.',
    tls: 'The encrypted connection was not made: its certificate is not trusted, or names another host.',
    tls_do: 'Write the domain as it is in the certificate; SIP_TLS_CA names whom else to trust.',
    own_server: 'Our own SIP server was away.',
    own_server_do: 'It is reconnected to by itself. If it lasts, look at its log.',
    too_brief: 'The carrier wants longer registrations than we asked for.',
    too_brief_do: 'Usually it passes by itself: the time that is asked for is adapted.',
    transport: 'SIP by this transport is not available here.',
    transport_do: 'Add it to SIP_LISTEN, or give the trunk another transport.',
    busy_carrier: 'The carrier takes nothing now: too busy, or under maintenance.',
    busy_carrier_do: 'It is tried again. If it lasts, ask the carrier.',
    carrier_fault: 'A fault at the carrier.',
    carrier_fault_do: 'It is tried again. If it lasts, tell the carrier the time and this code.',
    moved: 'The carrier sends us elsewhere.',
    moved_do: 'Set domain or proxy to the address that the carrier names now.',
    not_understood: 'The carrier does not do what we ask it for.',
    not_understood_do: 'Compare the set-up with the note for this carrier (sip-config/trunks).',
    unknown: 'An answer that is rare here.',
    unknown_do: 'Ask the carrier what it means, with the time and this code.',
  },
  ru: {
    credentials: 'Оператор не принимает имя пользователя или пароль.',
    credentials_do:
      'Сверьте их с тем, что оператор показывает для учётной записи; у некоторых имя для авторизации отдельное (auth_user).',
    forbidden:
      'Оператор отклоняет учётную запись: неверный пароль, запись отключена или наш адрес не разрешён.',
    forbidden_do:
      'Сначала проверьте пароль, затем — активна ли запись и есть ли у оператора список разрешённых адресов.',
    unknown_account: 'Оператор не знает такого пользователя.',
    unknown_account_do:
      'Проверьте имя и домен: у многих операторов свой домен для региона или клиента.',
    no_answer: 'Ответа не было: сетевой экран, неверный порт или оператор недоступен.',
    no_answer_do:
      'Проверьте домен, прокси и транспорт, и выпускает ли сеть SIP наружу (5060, для TLS — 5061).',
    name: 'У домена нет адреса.',
    name_do: 'Проверьте, как написан домен, и работу DNS на этой машине.',
    refused_connection: 'Узел на месте, но на этом порту SIP не принимает или закрыл соединение.',
    refused_connection_do: 'Проверьте порт и транспорт: UDP, TCP и TLS — это разные точки входа.',
    tls: 'Шифрованное соединение не установлено: сертификату не доверяют, или он на другое имя.',
    tls_do: 'Укажите домен так, как в сертификате; SIP_TLS_CA задаёт, кому ещё доверять.',
    own_server: 'Наш собственный SIP-сервер был недоступен.',
    own_server_do:
      'Подключение восстанавливается само. Если это не проходит, посмотрите его журнал.',
    too_brief: 'Оператор требует более долгих регистраций.',
    too_brief_do: 'Обычно проходит само: запрашиваемое время подстраивается.',
    transport: 'SIP по этому транспорту здесь не включён.',
    transport_do: 'Добавьте его в SIP_LISTEN или задайте транку другой транспорт.',
    busy_carrier: 'Оператор сейчас ничего не принимает: перегрузка или работы.',
    busy_carrier_do: 'Попытки повторяются. Если это не проходит, спросите оператора.',
    carrier_fault: 'Сбой у оператора.',
    carrier_fault_do:
      'Попытки повторяются. Если это не проходит, сообщите оператору время и этот код.',
    moved: 'Оператор отсылает нас на другой адрес.',
    moved_do: 'Укажите в domain или proxy адрес, который оператор называет теперь.',
    not_understood: 'Оператор не делает того, о чём мы просим.',
    not_understood_do: 'Сверьте настройки с памяткой для этого оператора (sip-config/trunks).',
    unknown: 'Этот ответ встречается здесь редко.',
    unknown_do: 'Спросите оператора, что он значит, назвав время и этот код.',
  },
  de: {
    credentials: 'Der Netzbetreiber nimmt Benutzer oder Passwort nicht an.',
    credentials_do:
      'Beides mit dem vergleichen, was der Betreiber zum Konto anzeigt; manche haben einen eigenen Benutzer zur Anmeldung (auth_user).',
    forbidden:
      'Der Netzbetreiber weist das Konto ab: falsches Passwort, Konto abgeschaltet oder unsere Adresse nicht erlaubt.',
    forbidden_do:
      'Zuerst das Passwort prüfen, dann, ob das Konto aktiv ist und ob der Betreiber erlaubte Adressen führt.',
    unknown_account: 'Der Netzbetreiber kennt diesen Benutzer nicht.',
    unknown_account_do:
      'Benutzer und Domain prüfen: viele Betreiber haben je Region oder Kunde eine eigene Domain.',
    no_answer:
      'Es kam nichts zurück: eine Firewall, ein falscher Port oder ein Betreiber, der ausgefallen ist.',
    no_answer_do:
      'Domain, Proxy und Transport prüfen, und ob SIP dieses Netz verlassen darf (5060, für TLS 5061).',
    name: 'Die Domain hat keine Adresse.',
    name_do: 'Schreibweise der Domain und Namensauflösung (DNS) dieses Rechners prüfen.',
    refused_connection:
      'Der Rechner ist da, nimmt an diesem Port aber kein SIP an oder hat die Verbindung geschlossen.',
    refused_connection_do:
      'Port und Transport prüfen: UDP, TCP und TLS sind verschiedene Eingänge.',
    tls: 'Die verschlüsselte Verbindung kam nicht zustande: das Zertifikat gilt nicht als vertrauenswürdig oder lautet auf einen anderen Namen.',
    tls_do: 'Die Domain so schreiben wie im Zertifikat; SIP_TLS_CA nennt, wem noch vertraut wird.',
    own_server: 'Unser eigener SIP-Server war nicht da.',
    own_server_do: 'Die Verbindung kommt von selbst wieder. Dauert es an, hilft sein Protokoll.',
    too_brief: 'Der Netzbetreiber verlangt längere Registrierungen.',
    too_brief_do: 'Das gibt sich meist von selbst: die erbetene Dauer wird angepasst.',
    transport: 'SIP über diesen Transport gibt es hier nicht.',
    transport_do: 'In SIP_LISTEN ergänzen oder dem Trunk einen anderen Transport geben.',
    busy_carrier: 'Der Netzbetreiber nimmt gerade nichts an: überlastet oder in Wartung.',
    busy_carrier_do: 'Es wird wieder versucht. Dauert es an, beim Betreiber nachfragen.',
    carrier_fault: 'Ein Fehler beim Netzbetreiber.',
    carrier_fault_do:
      'Es wird wieder versucht. Dauert es an, dem Betreiber Uhrzeit und diesen Code nennen.',
    moved: 'Der Netzbetreiber schickt uns woandershin.',
    moved_do: 'Bei domain oder proxy die Adresse eintragen, die der Betreiber jetzt nennt.',
    not_understood: 'Der Netzbetreiber tut nicht, worum wir ihn bitten.',
    not_understood_do:
      'Die Einstellungen mit dem Merkblatt zu diesem Betreiber vergleichen (sip-config/trunks).',
    unknown: 'Eine hier seltene Antwort.',
    unknown_do: 'Den Betreiber mit Uhrzeit und diesem Code fragen, was sie bedeutet.',
  },
})
