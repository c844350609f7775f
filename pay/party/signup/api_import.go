package signup

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"watari/kit/web"
)

// ImportResource is an import as /v1 shows it.
type ImportResource struct {
	ID        string      `json:"id"`
	State     ImportState `json:"state" enum:"running,checked,done,failed,interrupted" doc:"checked: a dry run that found nothing wrong. Nothing was made in any state but done."`
	DryRun    bool        `json:"dry_run"`
	FileName  string      `json:"file_name,omitempty"`
	Encoding  string      `json:"encoding" doc:"UTF-8 or Shift_JIS."`
	By        string      `json:"by"`
	Phase     string      `json:"phase,omitempty" enum:"reading,checking,making" doc:"While it runs."`
	Percent   int         `json:"percent" minimum:"0" maximum:"100"`
	Lines     int         `json:"lines" doc:"Below the header."`
	Merchants int         `json:"merchants" doc:"Made, or to be made."`
	Stores    int         `json:"stores"`
	Terminals int         `json:"terminals"`
	Mistakes  int         `json:"mistakes" doc:"All of them; the first 1,000 are kept."`
	BadLines  int         `json:"bad_lines"`
	Reason    string      `json:"reason,omitempty"`
	StartedAt time.Time   `json:"started_at"`
	EndedAt   *time.Time  `json:"ended_at,omitempty"`
}

func (i Import) resource() ImportResource {
	return ImportResource{ID: i.ID, State: i.State, DryRun: i.DryRun, FileName: i.FileName,
		Encoding: i.Encoding, By: i.By, Phase: i.Phase, Percent: i.Percent(), Lines: i.Lines,
		Merchants: i.Merchants, Stores: i.Stores, Terminals: i.Terminals, Mistakes: i.Mistakes,
		BadLines: i.BadLines, Reason: i.Reason, StartedAt: i.Started,
		EndedAt: orAbsent(i.Ended)}
}

type importsOutput struct{ Body web.List[ImportResource] }

func (a *api) imports(ctx context.Context, _ *struct{}) (*importsOutput, error) {
	c, _ := who(ctx)
	all, err := a.Imports(ctx, c.ParticipantNo)
	if err != nil {
		return nil, err
	}
	items := make([]ImportResource, len(all))
	for i, one := range all {
		items[i] = one.resource()
	}
	return &importsOutput{web.ListOf(items, "")}, nil
}

type newImportInput struct {
	Body struct {
		FileName string `json:"file_name,omitempty" maxLength:"200"`
		DryRun   bool   `json:"dry_run,omitempty" doc:"Only check it."`
		Content  []byte `json:"content" doc:"Base64 of the CSV file, in UTF-8 or Shift_JIS, at most 12 MiB and 20,000 lines."`
	}
}

type importOutput struct{ Body ImportResource }

func (a *api) startImport(ctx context.Context, in *newImportInput) (*importOutput, error) {
	c, by := who(ctx)
	job, err := a.StartImport(ctx, by, c.ParticipantNo, Upload{Name: in.Body.FileName,
		Data: in.Body.Content, DryRun: in.Body.DryRun})
	if err != nil {
		return nil, err
	}
	return &importOutput{job.resource()}, nil
}

// ImportPath is the address of an import.
type ImportPath struct {
	ImportID string `path:"import_id" maxLength:"64"`
}

func (a *api) readImport(ctx context.Context, in *ImportPath) (*importOutput, error) {
	c, _ := who(ctx)
	job, err := a.FindImport(ctx, c.ParticipantNo, in.ImportID)
	if err != nil {
		return nil, err
	}
	return &importOutput{job.resource()}, nil
}

type mistakesInput struct {
	ImportPath
	web.Paging
}

type mistakesOutput struct {
	Body web.List[MistakeResource]
}

// MistakeResource is a mistake as /v1 shows it.
type MistakeResource struct {
	Line  int    `json:"line" doc:"In the file, from 1: the header is line 1."`
	Field string `json:"column,omitempty" doc:"As in the header; absent is the line as a whole."`
	Text  string `json:"text"`
}

func (a *api) mistakes(ctx context.Context, in *mistakesInput) (*mistakesOutput, error) {
	c, _ := who(ctx)
	offset := 0
	if in.Cursor != "" {
		n, err := strconv.ParseUint(in.Cursor, 10, 31)
		if err != nil {
			return nil, ErrCursor.Newf("use a next_cursor as it was given").Because(err)
		}
		offset = int(n)
	}
	all, err := a.Mistakes(ctx, c.ParticipantNo, in.ImportID, offset, in.Limit+1)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(all) > in.Limit {
		all, next = all[:in.Limit], strconv.Itoa(offset+in.Limit)
	}
	items := make([]MistakeResource, len(all))
	for i, m := range all {
		items[i] = MistakeResource(m)
	}
	return &mistakesOutput{web.ListOf(items, next)}, nil
}

func (a *api) result(ctx context.Context, in *ImportPath) (*web.File, error) {
	c, _ := who(ctx)
	var b bytes.Buffer
	if err := a.WriteResult(ctx, &b, c.ParticipantNo, in.ImportID); err != nil {
		return nil, err
	}
	return web.NewFile(in.ImportID+".csv", csvType, b.Bytes()), nil
}

func (a *api) template(context.Context, *struct{}) (*web.File, error) {
	return web.NewFile("shops.csv", csvType, Template()), nil
}
