// Goverifier checks a whole Opentab log with code that Opentab did not write: the note and tlog packages of Go's
// checksum database. It reads the log from a folder or from a relay:
//
//	go run . FOLDER
//	go run -tags http . -vkey 'NAME+ID+KEY' https://opentab.example/log
//
// It checks the checkpoint's signature, every tile against a tree that it computes itself from the entries, every
// hash of a tile against the signed root, and, where the folder has them, each proof in proofs/*.tlog-proof and each
// pair of checkpoints in history/, where history/<size>.checkpoint is an older checkpoint and
// history/<size>.consistency its consistency proof to the current one, one base64 hash a line.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tileHeight is fixed by c2sp.org/tlog-tiles.
const tileHeight = 8

func main() {
	vkey := flag.String("vkey", "", "verifier key; default: the text of <base>/vkey")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: goverifier [-vkey KEY] FOLDER|URL")
		os.Exit(2)
	}
	if err := verify(source(strings.TrimSuffix(flag.Arg(0), "/")), *vkey); err != nil {
		fmt.Fprintln(os.Stderr, "INVALID:", err)
		os.Exit(1)
	}
}

// source is a folder or the URL prefix of a log.
type source string

func (s source) isURL() bool { return strings.Contains(string(s), "://") }

func (s source) read(path string) ([]byte, error) {
	if !s.isURL() {
		return os.ReadFile(filepath.Join(string(s), filepath.FromSlash(path)))
	}
	return fetch(string(s) + "/" + path)
}

// readTile reads a tile, or an entry bundle where the level is -1, by its path in c2sp.org/tlog-tiles, which is Go's
// without the height and with "entries" for "data".
func (s source) readTile(t tlog.Tile) ([]byte, error) {
	path := strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	return s.read("tile/" + strings.Replace(path, "data/", "entries/", 1))
}

// tiles implements tlog.TileReader.
type tiles struct{ source }

func (t tiles) Height() int                                { return tileHeight }
func (t tiles) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		data, err := t.readTile(tile)
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// memory is a tree of this program's own, in the order of tlog.StoredHashIndex.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, i := range indexes {
		if i >= int64(len(m)) {
			return nil, fmt.Errorf("hash %d of %d", i, len(m))
		}
		hashes = append(hashes, m[i])
	}
	return hashes, nil
}

func verify(s source, vkey string) error {
	if vkey == "" {
		text, err := s.read("vkey")
		if err != nil {
			return err
		}
		vkey = strings.TrimSpace(string(text))
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return fmt.Errorf("verifier key: %w", err)
	}
	checkpoint, err := s.read("checkpoint")
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(checkpoint, verifier)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	own, err := rebuild(s, tree.N)
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(tree.N, own)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("the entries have the root %v and %v was signed", root, tree.Hash)
	}
	count, err := checkTiles(s, tree, own)
	if err != nil {
		return err
	}
	proofs, consistency := 0, 0
	if !s.isURL() {
		if proofs, err = checkProofs(s, verifier, own); err != nil {
			return err
		}
		if consistency, err = checkHistory(s, verifier, tree); err != nil {
			return err
		}
	}
	fmt.Printf("valid: %s, %d entries, %d tiles, %d inclusion proofs, %d consistency proofs\n",
		verifier.Name(), tree.N, count, proofs, consistency)
	return nil
}

// openCheckpoint verifies a signed checkpoint and gives its tree.
func openCheckpoint(text []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s: %q", verifier.Name(), opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] || size < 0 {
		return tlog.Tree{}, fmt.Errorf("tree size %q", lines[1])
	}
	hash, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: hash}, err
}

// rebuild computes the tree from the entry bundles.
func rebuild(s source, size int64) (memory, error) {
	var own memory
	for n := int64(0); n<<tileHeight < size; n++ {
		width := int(min(size-n<<tileHeight, 1<<tileHeight))
		bundle, err := s.readTile(tlog.Tile{H: tileHeight, L: -1, N: n, W: width})
		if err != nil {
			return nil, err
		}
		for i := range int64(width) {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				return nil, fmt.Errorf("bundle %d ends within entry %d", n, i)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			hashes, err := tlog.StoredHashes(n<<tileHeight+i, bundle[2:end], own)
			if err != nil {
				return nil, err
			}
			own = append(own, hashes...)
			bundle = bundle[end:]
		}
		if len(bundle) != 0 {
			return nil, fmt.Errorf("bundle %d has %d bytes after its last entry", n, len(bundle))
		}
	}
	return own, nil
}

// checkTiles compares every tile of the tree with its own, and reads every leaf the way a client of the log does:
// through tiles that are authenticated against the signed root.
func checkTiles(s source, tree tlog.Tree, own memory) (int, error) {
	wanted := tlog.NewTiles(tileHeight, 0, tree.N)
	for _, tile := range wanted {
		expected, err := tlog.ReadTileData(tile, own)
		if err != nil {
			return 0, err
		}
		served, err := s.readTile(tile)
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(served, expected) {
			return 0, fmt.Errorf("%s is not the tile of the entries", tile.Path())
		}
	}
	reader := tlog.TileHashReader(tree, tiles{s})
	for n := int64(0); n < tree.N; n += 1 << tileHeight {
		var indexes []int64
		for i := n; i < min(tree.N, n+1<<tileHeight); i++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, i))
		}
		if _, err := reader.ReadHashes(indexes); err != nil {
			return 0, fmt.Errorf("leaves from %d on: %w", n, err)
		}
	}
	return len(wanted), nil
}

// checkProofs verifies each proofs/*.tlog-proof against the signed checkpoint inside it.
func checkProofs(s source, verifier note.Verifier, own memory) (int, error) {
	files, err := filepath.Glob(filepath.Join(string(s), "proofs", "*.tlog-proof"))
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		if err := checkProof(text, verifier, own); err != nil {
			return 0, fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
	}
	return len(files), nil
}

// checkProof verifies one file of c2sp.org/tlog-proof for the entry that the log has at its index.
func checkProof(text []byte, verifier note.Verifier, own memory) error {
	head, checkpoint, found := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return errors.New("not a proof file")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	path, err := parseHashes(lines[2:])
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(checkpoint, verifier)
	if err != nil {
		return err
	}
	leaf, err := own.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
	if err != nil {
		return err
	}
	return tlog.CheckRecord(tlog.RecordProof(path), tree.N, tree.Hash, index, leaf[0])
}

// checkHistory verifies that the tree continues each older checkpoint.
func checkHistory(s source, verifier note.Verifier, tree tlog.Tree) (int, error) {
	files, err := filepath.Glob(filepath.Join(string(s), "history", "*.checkpoint"))
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		older, err := openCheckpoint(text, verifier)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
		proofText, err := os.ReadFile(strings.TrimSuffix(file, ".checkpoint") + ".consistency")
		if err != nil {
			return 0, err
		}
		proof, err := parseHashes(strings.Fields(string(proofText)))
		if err != nil {
			return 0, err
		}
		if older.N == 0 {
			// Every tree continues the empty one, which CheckTree does not take.
			if empty, err := tlog.TreeHash(0, nil); err != nil || older.Hash != empty || len(proof) != 0 {
				return 0, fmt.Errorf("%s: not the empty tree, or a proof that is not empty", filepath.Base(file))
			}
			continue
		}
		if err := tlog.CheckTree(tlog.TreeProof(proof), tree.N, tree.Hash, older.N, older.Hash); err != nil {
			return 0, fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
	}
	return len(files), nil
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, line := range lines {
		bytes, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(bytes) != tlog.HashSize {
			return nil, fmt.Errorf("hash %q", line)
		}
		hashes = append(hashes, tlog.Hash(bytes))
	}
	return hashes, nil
}
