-- Who may ask for tokens. Written by the owner's login only (the commands `hagukumi client …`): the service can read
-- them, and what has broken into the service cannot give itself a client.

create table clients (
    id text collate "C" not null,
    name text not null,
    roles text[] not null,
    bodies text[] not null,
    created_at timestamptz not null,
    disabled_at timestamptz,
    constraint clients_pk primary key (id),
    constraint clients_id_form check (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(id) between 3 and 40),
    constraint clients_name_length check (char_length(name) between 1 and 100),
    constraint clients_have_roles check (cardinality(roles) between 1 and 6),
    constraint clients_bodies_few check (cardinality(bodies) <= 200),
    constraint clients_disabled_later check (created_at <= disabled_at)
);
comment on table clients is 'Systems that get access tokens by OAuth 2 client credentials.';
comment on column clients.bodies is 'Six-digit codes of the municipalities and prefectures it acts for; several for a vendor, none for the administrator.';
comment on column clients.disabled_at is 'From then on it gets no token, and those it has are refused. For good: an id is never given a second time.';

create table client_secrets (
    client text collate "C" not null,
    slot smallint not null,
    hash text not null,
    created_at timestamptz not null,
    constraint client_secrets_pk primary key (client, slot),
    constraint client_secrets_client_fk foreign key (client) references clients (id),
    constraint client_secrets_two check (slot in (1, 2)),
    constraint client_secrets_hashed check (hash like '$argon2id$%')
);
comment on table client_secrets is 'The secrets of a client, hashed: one, or two while it changes from the older to the newer.';
comment on column client_secrets.hash is 'argon2id, as a PHC string.';

grant select on clients, client_secrets to hagukumi_service;
