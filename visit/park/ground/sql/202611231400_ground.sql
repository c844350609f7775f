-- +goose Up

-- The map of a park. Its version grows with each change of a feature.
create table ground_map (
	park_id text not null primary key,
	version bigint not null
) STRICT;

-- What is on a map: points, paths and areas.
create table ground_feature (
	id text not null primary key,
	park_id text not null,
	layer text not null,
	-- Of a point, unique in its park; '' for others.
	code text not null,
	-- Its geometry and properties as GeoJSON writes them.
	geometry text not null,
	properties text not null,
	version bigint not null,
	constraint ground_feature_layer check (layer in ('point', 'path', 'area'))
) STRICT;

create index ground_feature_park on ground_feature (park_id, id);
create unique index ground_feature_code on ground_feature (park_id, code) where code <> '';
