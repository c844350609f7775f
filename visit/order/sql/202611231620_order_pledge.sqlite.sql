-- +goose Up

-- What was sold before wallets' agreements were kept takes of them what its discounts say. Where a
-- wallet has agreed to nothing since, it gives just that, and no more.
insert into promo_pledge (issuer_no, merchant_no, issuer_id, merchant_id, acquirer_no, share_ppm,
	budget_minor, taken_minor, from_us, until_us, version)
select json_extract(f.value, '$.issuer_no'), o.merchant_no, min(o.issuer_id), min(o.merchant_id),
	min(o.acquirer_no), 1000000, sum(json_extract(f.value, '$.minor')),
	sum(json_extract(f.value, '$.minor')), 0, 0, 1
from visit_order_line l
	join visit_order o on o.id = l.order_id
	join json_each(case when l.funding = '' then '[]' else l.funding end) f
where l.state in ('held', 'sold', 'used') and json_extract(f.value, '$.kind') = 'wallet'
group by json_extract(f.value, '$.issuer_no'), o.merchant_no
on conflict (issuer_no, merchant_no) do update set taken_minor = excluded.taken_minor;
