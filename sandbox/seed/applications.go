package seed

import (
	"context"
	"fmt"

	"watari/kit/foureyes"
	"watari/pay/party/signup"
)

// applicant is a made-up merchant that wants to be signed by the first bank.
type applicant struct {
	form   signup.Form
	papers []signup.Paper
	to     signup.State
}

// paper is a made-up document: one page that says so.
const paper = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 120]/Contents 4 0 R
/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 62>>stream
BT /F 14 Tf 20 60 Td (A made-up document of the sandbox.) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
`

// applicants are in every state that somebody at the bank does something about.
func applicants() []applicant {
	both := []signup.Paper{signup.Identity, signup.Registry}
	own := []signup.Paper{signup.Identity, signup.Photo}
	return []applicant{
		{shopForm("手打ちそば 宮川", "Soba Miyagawa", "5812", "宮川 一郎", "ミヤガワ イチロウ",
			"下三之町8", ""), own, signup.Applied},
		{shopForm("古川木工", "Furukawa Woodwork", "5947", "古川 花", "フルカワ ハナ", "本町2-14",
			"1200001012345"), both, signup.Applied},
		{shopForm("酒蔵 白山", "Hakusan Sake Cellar", "5921", "白山 誠", "ハクサン マコト",
			"上一之町33", "3180001098765"), both, signup.InReview},
		{shopForm("喫茶 ぎん", "Cafe Gin", "5814", "銀林 京子", "ギンバヤシ キョウコ", "花里町5-1",
			""), own, signup.Returned},
		{shopForm("湯の宿 位山", "Kuraiyama Inn", "7011", "位山 武", "クライヤマ タケシ", "湯之島700",
			"3720001033221"), both, signup.Draft},
	}
}

// shopForm is what a merchant in Takayama fills in; number is a corporate one, "" for sole traders.
func shopForm(nameJA, name, mcc, person, kana, line, number string) signup.Form {
	f := signup.Form{Kind: signup.SoleTrader, LegalName: nameJA, LegalNameKana: kana,
		CorporateNumber: number,
		Representative:  signup.Representative{Name: person, Kana: kana, BirthDate: "1968-05-12"},
		Address: signup.Address{PostalCode: "5060844", Prefecture: "21", City: "高山市",
			Line: line, CityLatin: "Takayama"},
		Phone: "0577000000", Email: "shop@sandbox.example", TradeName: name, TradeNameJA: nameJA,
		MCC: mcc, Bank: signup.Account{BankCode: "9999", BranchCode: "001",
			Type: signup.Ordinary, Number: "1234567", HolderKana: kana},
		Terminal: signup.Terminal{Label: "レジ1"}}
	if number != "" {
		f.Kind = signup.Corporation
	}
	return f
}

// apply lets the applicants apply that have not.
func (n Network) apply(ctx context.Context) error {
	if n.Signup == nil {
		return nil
	}
	bank, err := n.Directory.ByID(ctx, Banks()[0].ID)
	if err != nil {
		return err
	}
	for _, a := range applicants() {
		found, _, err := n.Signup.List(ctx, signup.Filter{AcquirerNo: bank.No,
			Text: a.form.TradeName, Limit: 1})
		if err == nil && len(found) == 0 {
			err = n.applyOne(ctx, bank.No, a)
		}
		if err != nil {
			return fmt.Errorf("apply for %s: %w", a.form.TradeName, err)
		}
	}
	return nil
}

// applyOne fills a form in over an invitation link, as a merchant does, and lets the bank's admin
// take it on as far as it has to stand.
func (n Network) applyOne(ctx context.Context, bankNo int64, a applicant) error {
	admin := foureyes.Person{Name: Logins()[1].Email, Actor: actor}
	inv, secret, err := n.Signup.Invite(ctx, admin, signup.Invitation{AcquirerNo: bankNo,
		Label: a.form.TradeNameJA, Lang: "ja"})
	if err != nil {
		return err
	}
	if _, err := n.Signup.GuestSave(ctx, secret, 0, a.form); err != nil {
		return err
	}
	for _, p := range a.papers {
		_, err := n.Signup.GuestDocument(ctx, secret, p, string(p)+".pdf", []byte(paper))
		if err != nil {
			return err
		}
	}
	if a.to == signup.Draft {
		return nil
	}
	if _, err := n.Signup.GuestSubmit(ctx, secret, 0); err != nil || a.to == signup.Applied {
		return err
	}
	if _, err = n.Signup.Review(ctx, admin, bankNo, inv.Application); err != nil ||
		a.to == signup.InReview {
		return err
	}
	_, err = n.Signup.Return(ctx, admin, bankNo, inv.Application, []signup.Remark{
		{Pointer: "/bank/holder_kana", Text: "口座名義が通帳と違います。"},
		{Pointer: "/documents/identity", Text: "本人確認書類の裏面もお送りください。"}})
	return err
}
